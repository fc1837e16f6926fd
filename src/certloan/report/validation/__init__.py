"""The validation report: plain values first, the page and its pictures drawn from them."""
