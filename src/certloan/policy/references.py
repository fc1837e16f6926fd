"""What a gate rests on: a law, a policy paper or a product, and whether its wording was read again for this version."""

from __future__ import annotations

from dataclasses import dataclass

from certloan.i18n import Lang, has, text


@dataclass(frozen=True)
class Reference:
    """A reference as the policy file gives it. What is not ``verified`` is shown as such, never as settled law."""

    ref: str
    verified: bool = True

    def told(self, lang: Lang | str = Lang.ZH) -> str:
        """Name the paper behind a short reference, and mark what is not verified.

        ``S3-14`` is article 14 of a paper that the program knows by that key; others speak for themselves.

        >>> Reference("S1-21").told(), Reference("产品质量法第五十六条", verified=False).told()
        ('浙江省质量强省实施意见（2022）第21条', '产品质量法第五十六条（未核实）')
        """
        key, _, article = self.ref.partition("-")
        told = self.ref
        if article and has(f"policy.paper.{key}"):
            paper = text(f"policy.paper.{key}", lang)
            # a paper that counts in parts and items has no articles: its own count follows its name
            told = (
                text("policy.article", lang, paper=paper, article=article) if article.isdecimal() else paper + article
            )
        return told if self.verified else text("policy.unverified", lang, ref=told)
