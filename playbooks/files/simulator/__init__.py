# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local server that behaves as the documented Tines and Trustpair case APIs do. See README.md."""
