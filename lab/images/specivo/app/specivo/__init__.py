"""A stand-in for Specivo: small inside, the original's behaviour outside."""
