"""CertLoan (认证贷): explained loan eligibility from certifications, quality checks and credit history."""

__version__ = "0.1.0"
