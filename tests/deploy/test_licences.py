"""What is installed to serve may be given away with it."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.deploy.test_lock import LOCKED

PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "PSF-2.0", "Unlicense", "Zlib"),
}
"""By their SPDX names: they ask that their text goes along, as it does in each wheel."""

WEAKER_COPYLEFT = {"LGPL-3.0-only", "MPL-2.0"}
"""Asks that who receives it may change and replace it: each stays a distribution of its own."""

BY_WORDS = {
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""As older metadata says them -> SPDX."""

EXCEPTIONS = {
    "data-inclusion-schema": "no metadata; the text that it ships is Licence Ouverte 2.0",
    "python-stdnum": "LGPL-2.1-or-later, as a library of its own, that anybody may replace",
}
"""Distribution -> why it is taken all the same."""


def said(name):
    """The licences of an installed distribution, by their SPDX names or as it says them."""
    told = metadata(name)
    expression = told.get("License-Expression")
    classified = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier", []) if "License" in c]
    words = [] if expression else classified
    words = words or re.split(r" AND | OR |[()]", expression or told.get("License") or "none")
    return {BY_WORDS.get(word, word) for word in words if word}


def alternatives(name):
    """Each set of licences that one may choose to be bound by."""
    expression = metadata(name).get("License-Expression") or ""
    if " OR " in expression and " AND " not in expression:
        return [{one} for one in expression.split(" OR ")]
    return [said(name)]


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_a_licence_is_one_that_we_know(name):
    try:
        choices = alternatives(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} ne s’installe pas ici")
    known = PERMISSIVE | WEAKER_COPYLEFT
    assert name in EXCEPTIONS or any(choice <= known for choice in choices), choices


def test_no_exception_is_kept_for_what_is_gone_or_needs_none():
    known = PERMISSIVE | WEAKER_COPYLEFT
    for name in EXCEPTIONS:
        assert name in LOCKED
        assert not said(name) <= known
