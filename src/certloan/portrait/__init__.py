"""Two pictures of a firm: documented sub-scores, each between what is proven and what is still possible."""
