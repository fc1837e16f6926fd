"""The model card: what a model is, what it can do and what it cannot, for a reader, in both languages."""

from certloan.report.model_card.blocks import CardFacts, Disclosure
from certloan.report.model_card.render import markdown, page

__all__ = ["CardFacts", "Disclosure", "markdown", "page"]
