"""Chinese and English texts, looked up by key."""

from certloan.i18n.catalog import Lang, both, has, keys, sentence, template, text

__all__ = ["Lang", "both", "has", "keys", "sentence", "template", "text"]
