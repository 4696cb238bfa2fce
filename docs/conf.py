# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the documentation site out of what antsibull-docs writes; ``nox -s docs`` brings both together."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

project = "casework.cases"
copyright = "The casework.cases authors"  # noqa: A001 (Sphinx names it)
html_title = "casework.cases"
html_baseurl = "https://casework.github.io/casework.cases/"

extensions = ["sphinx_antsibull_ext", "sphinx_copybutton", "myst_parser"]
myst_heading_anchors = 3
antsibull_ext_color_scheme = "default"
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {
        "antsibull-links-background": "#0b5cad",
        "antsibull-links-background-active": "#084784",
        "antsibull-table-background-header": "#d6e6f7",
        "antsibull-table-border": "#8c959f",
        "antsibull-attribute-support-partial": "#6f6f00",
    },
    # antsibull-docs goes by the system's setting alone, and the theme has a button that overrules it.
    "dark_css_variables": {
        "antsibull-links-background": "#0b5cad",
        "antsibull-links-background-active": "#3b82c4",
        "antsibull-links-focus-outline": "#fff",
        "antsibull-table-background-header": "#30343a",
        "antsibull-table-background-even": "#1c1c1e",
        "antsibull-table-background-odd": "#242426",
        "antsibull-table-border": "#656569",
        "antsibull-narrowtable-background": "#30343a",
        "antsibull-option-type": "#ff93ff",
        "antsibull-option-elements": "#ff93ff",
        "antsibull-option-required": "#ff8282",
        "antsibull-option-version-added": "#71d471",
        "antsibull-option-aliases": "#71d471",
        "antsibull-option-default": "#adadff",
        "antsibull-option-sample": "#adadff",
        "antsibull-option-sample-header": "#fff",
        "antsibull-attribute-support-none": "#ff8282",
        "antsibull-attribute-support-partial": "#b6b600",
        "antsibull-attribute-support-full": "#0c0",
        "antsibull-deprecation-border": "#fff",
        "antsibull-deprecation-background": "#111",
        "antsibull-deprecation-color": "#fff",
    },
}

IMAGES = "https://raw.githubusercontent.com/casework/casework.cases/main/docs/images/"

OWN_PAGES = {
    "case_event": "extensions/eda/plugins/event_filter/case_event.py",
    "case_events": "extensions/eda/plugins/event_source/case_events.py",
    "index": "docs/site/index.rst",
    "role": "roles/case_buttons/README.md",
}
EVENT_PLUGINS = {"case_event": "event filter", "case_events": "event source"}
SOURCES = "https://github.com/casework/casework.cases/edit/main/"

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


CONTENTS = re.compile(r"^\.\. contents::.*\n(?: +.*\n)*", re.MULTILINE)
RELEASE_NOTES = re.compile(r"^=+\nCasework\.Cases Release Notes\n=+$", re.MULTILINE)
ENVIRONMENT = "See :ref:`ansible_collections.casework.cases.docsite.guide_environment` for all that have an effect.\n"
ROLE = "The rules, the result and examples are in :doc:`role`.\n\n.. Options\n"

MESSAGES = "docsite/guide_troubleshooting"
ANCHOR_WORDS = 8

PARTS = re.compile(r"[^._/,]*[._/,]+|[^._/,]+")


def fit(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make a page fit in here that is written for any site.

    Pictures, named by their address, are the site's own copies; the theme has a table of contents beside each page.
    """
    page = CONTENTS.sub("", source[0].replace(IMAGES, "/images/"))
    page = RELEASE_NOTES.sub("Release notes\n=============", page)
    if name == "environment_variables":
        page = f"{page}\n{ENVIRONMENT}"
    if name == "case_buttons_role":
        page = page.replace(".. Options\n", ROLE, 1)
    if name in EVENT_PLUGINS:  # which come as modules
        page = re.sub(rf"(?<=his )module\b|(?<=cases\.{name} )module\b", EVENT_PLUGINS[name], page)
        page = page.replace("in a playbook, specify", "in a rulebook, specify")
        page = re.sub(r"^\++$", "\\g<0>" + len(EVENT_PLUGINS[name]) * "+", page, flags=re.MULTILINE)
    source[0] = page


def anchor_messages(app: Sphinx, document: nodes.document) -> None:
    """Give every message that is explained a link of its own: its first words."""
    if app.env.docname != MESSAGES:
        return
    for term in document.findall(nodes.term):
        for message in term.findall(nodes.literal):
            whole = nodes.make_id(message.astext())
            short = "-".join(whole.split("-")[:ANCHOR_WORDS])
            numbered = (f"{whole}-{number}" for number in count(2))
            message["ids"] = [next(name for name in chain((short, whole), numbered) if name not in document.ids)]
            document.note_explicit_target(message)
            link = nodes.reference("", "\N{PILCROW SIGN}", refid=message["ids"][0], classes=["headerlink"])
            link["reftitle"] = "Link to this message"
            message.parent.insert(message.parent.index(message) + 1, link)


def let_code_break(_app: Sphinx, document: nodes.document) -> None:
    """Let code in tables go on in a new line after a dot, a comma, an underscore or a slash, not within a word."""
    for cell in document.findall(nodes.entry):
        for text in [text for code in cell.findall(nodes.literal) for text in code.findall(nodes.Text)]:
            first, *others = PARTS.findall(text.astext())
            pieces: list[nodes.Node] = [nodes.Text(first)]
            for part in others:
                pieces += (nodes.raw("", "<wbr>", format="html"), nodes.Text(part))
            text.parent.replace(text, pieces)


def link_to_sources(
    _app: Sphinx, name: str, _template: str, context: dict[str, Any], _document: nodes.document | None
) -> None:
    """Let the theme's edit link lead to the file that a page is made from; a page without one has no such link."""
    generated_from = (context.get("meta") or {}).get("github_url", "").partition("?")[0]
    if name in OWN_PAGES:
        context["theme_source_edit_link"] = SOURCES + OWN_PAGES[name]
    elif name.startswith("docsite/"):
        context["theme_source_edit_link"] = f"{SOURCES}docs/docsite/rst/{name[len('docsite/') :]}.rst"
    else:
        context["theme_source_edit_link"] = generated_from


def link_to_ansible(
    _app: Sphinx, _environment: BuildEnvironment, reference: pending_xref, text: nodes.Element
) -> nodes.reference | None:
    """Link to a page of Ansible's own documentation, without asking the network where it is."""
    target = reference["reftarget"]
    if reference["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        settings = ANSIBLE + ANSIBLE_PAGES["ansible_configuration_settings"]
        return nodes.reference("", "", text, internal=False, refuri=f"{settings}#envvar-{target}")
    builtin = re.fullmatch(r"ansible_collections\.ansible\.builtin\.(\w+)", target)
    page = f"collections/ansible/builtin/{builtin[1]}.html" if builtin else ANSIBLE_PAGES.get(target)
    return nodes.reference("", "", text, internal=False, refuri=ANSIBLE + page) if page else None


def setup(app: Sphinx) -> None:
    app.connect("source-read", fit)
    app.connect("doctree-read", anchor_messages)
    app.connect("doctree-read", let_code_break)
    app.connect("html-page-context", link_to_sources)
    app.connect("missing-reference", link_to_ansible)
