"""One root for every error a user can cause, with a stable code and the facts of the case.

The class says who has to act and fixes the exit code; the ``code`` names the reason and never changes between
releases; the facts (``found``, ``expected`` and whatever the sentence needs) are filled into a sentence in Chinese
or English by :mod:`certloan.i18n`, so this module knows no language.
"""

from __future__ import annotations

from typing import ClassVar


class CertLoanError(Exception):
    """Something the user can understand and put right.

    >>> error = InputError("unknown-column", found="cert_noo", expected="certificate_no")
    >>> error.code, error.facts["found"], error.exit_code
    ('unknown-column', 'cert_noo', 3)
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class InputError(CertLoanError):
    """A file, a recipe, a policy or a value does not hold what it must: nothing was changed."""

    exit_code: ClassVar[int] = 3


class NotReadyError(CertLoanError):
    """Something that must exist first does not: a warehouse, a champion, a font, a database."""

    exit_code: ClassVar[int] = 5


class PermissionDeniedError(CertLoanError):
    """The actor's role does not allow the act."""

    exit_code: ClassVar[int] = 6


EXIT_OK = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
#: The work was done, and something needs looking at: rows or files put aside, a red measure, a broken ledger.
EXIT_PARTIAL = 4
EXIT_NOT_READY = 5
EXIT_FORBIDDEN = 6
