"""Sign-in of staff at the platform's own OpenID provider. It opens accounts that exist and makes none."""
