"""The contenders, each in the form that its own documentation recommends, none tuned."""
