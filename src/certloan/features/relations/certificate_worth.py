"""What a certificate proves by its kind and by the body that issued it: the expressions that need no events."""

from __future__ import annotations

# Bodies are approved for fields (管理体系, 产品, 服务), some registers list schemes by code.
FIELD = (
    "case when scheme_class = 'management_system' then '管理体系' when scheme_class in ('ccc', 'product', 'green')"
    " then '产品' when scheme_class = 'service' then '服务' end"
)

# What the certificate says of itself goes before what its scheme is usually worth (see reference/certificates.py).
STRENGTH = (
    "case when proof = 'self_declared' then 1"
    " when body_unknown or body_unapproved or (scheme = 'CR' and expires_on is null)"
    " then least(coalesce(scheme_strength, 1), 2)"
    " when accreditation = 'cnas' then 4 when accreditation = 'unaccredited' and scheme_strength < 4 then 2"
    " else scheme_strength end"
)
UNLICENSED = (
    "body_known and (issued_on < licensed_first_on or (not licensed_openly and licensed_until < issued_on)"
    " or (body_revoked_on < issued_on and licensed_again_on <= body_revoked_on))"
)
