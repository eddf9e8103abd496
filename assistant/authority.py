"""What a shop lets its agents promise for one order: the authority ids of the interface contract."""

from __future__ import annotations

import re
from typing import get_args

from knowledge.errors import KefuError
from knowledge.values import AuthorityKind, Value

_IN_YUAN = {"compensation_up_to", "free_shipping_over", "coupon", "refund_approved"}


class UnknownAuthorityError(KefuError):
    def __init__(self, text: str) -> None:
        known = ", ".join(
            kind + (":<元>" if kind in _IN_YUAN else ":<名称>" if kind == "gift" else "")
            for kind in get_args(AuthorityKind)
        )
        super().__init__(
            "policy.unknown_authority",
            f"店铺授权「{text}」不认识。可用的授权:{known}",
            f"Unknown authority {text!r}. Known: {known.replace('<元>', '<yuan>').replace('<名称>', '<name>')}",
        )


class Authority(Value):
    """One thing the shop allows. `yuan` is set for the kinds that carry an amount, `name` for a gift."""

    kind: AuthorityKind
    yuan: float | None = None
    name: str | None = None

    @classmethod
    def parse(cls, text: str) -> Authority:
        """Read "compensation_up_to:20", "gift:帆布袋", "invoice"; raise UnknownAuthorityError otherwise."""
        kind, _, argument = text.strip().partition(":")
        if kind not in get_args(AuthorityKind):
            raise UnknownAuthorityError(text)
        if kind in _IN_YUAN:
            if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", argument):
                raise UnknownAuthorityError(text)
            return cls(kind=kind, yuan=float(argument))
        if kind == "gift":
            if not argument.strip():
                raise UnknownAuthorityError(text)
            return cls(kind="gift", name=argument.strip())
        if argument:
            raise UnknownAuthorityError(text)
        return cls(kind=kind)

    def __str__(self) -> str:
        if self.yuan is not None:
            return f"{self.kind}:{self.yuan:g}"
        return f"{self.kind}:{self.name}" if self.name else self.kind
