"""Who may put a model in use, past which checks, and how a challenger differs from the champion."""
