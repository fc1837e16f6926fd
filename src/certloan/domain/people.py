"""Who acts, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from certloan.errors import PermissionDeniedError


class Role(StrEnum):
    """The roles of the house. The bank decides; everybody else prepares, improves or checks."""

    OFFICER = "officer"
    RISK = "risk"
    ENTERPRISE = "enterprise"
    REGULATOR = "regulator"
    ADMIN = "admin"


class Permission(StrEnum):
    """An act that a service performs on somebody's behalf."""

    LOAD_EVIDENCE = "load_evidence"
    TRAIN = "train"
    VALIDATE = "validate"
    PROMOTE = "promote"
    SCORE = "score"
    READ_CASE = "read_case"
    PREVIEW = "preview"
    AUDIT = "audit"


_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset({Permission.LOAD_EVIDENCE, Permission.SCORE, Permission.READ_CASE, Permission.PREVIEW}),
    Role.RISK: frozenset(
        {
            Permission.LOAD_EVIDENCE,
            Permission.TRAIN,
            Permission.VALIDATE,
            Permission.PROMOTE,
            Permission.SCORE,
            Permission.AUDIT,
        }
    ),
    Role.ENTERPRISE: frozenset({Permission.PREVIEW}),
    Role.REGULATOR: frozenset({Permission.VALIDATE, Permission.AUDIT, Permission.READ_CASE}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """A person or a job, in one role."""

    name: str
    role: Role

    def require(self, permission: Permission, *others: Permission) -> None:
        """Refuse the act unless the role grants it, or one of ``others`` that allows it as well.

        >>> Actor("李", Role.OFFICER).require(Permission.SCORE)
        >>> Actor("王", Role.ENTERPRISE).require(Permission.TRAIN)
        Traceback (most recent call last):
            ...
        certloan.errors.PermissionDeniedError: role-not-allowed (role='enterprise', act='train')
        """
        if _GRANTS[self.role].isdisjoint({permission, *others}):
            raise PermissionDeniedError("role-not-allowed", role=str(self.role), act=str(permission))
