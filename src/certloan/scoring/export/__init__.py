"""The tables in forms that run where CertLoan does not: one native LightGBM model, one SQL statement."""
