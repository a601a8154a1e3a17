#!/usr/bin/env python3
"""Unpacks a zip if it is the one that is pinned: unpack.py FILE SHA256 FOLDER."""

import hashlib
import sys
import zipfile

file, wanted, folder = sys.argv[1:]
digest = hashlib.sha256()
with open(file, "rb") as zipped:
    while piece := zipped.read(1 << 20):
        digest.update(piece)
if digest.hexdigest() != wanted:
    sys.exit(f"{file} has SHA-256 {digest.hexdigest()}, not {wanted}")
with zipfile.ZipFile(file) as archive:
    archive.extractall(folder)
