"""What is kept, and the only package that knows tables. Nothing here sends anything."""
