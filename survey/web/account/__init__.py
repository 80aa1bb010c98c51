"""The start page, signing in and signing out."""
