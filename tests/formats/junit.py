"""Holds JUnit reports against the schema of Jenkins, and reads them with another program's reader."""

import glob
import sys

import junitparser
import xmlschema

sources, reports = sys.argv[1:]
# The newest of the schemas that are kept there for its own tests; older ones know no file and line of a test.
schemas = [xmlschema.XMLSchema(path) for path in sorted(glob.glob(f"{sources}/tests/vendor/**/junit-10.xsd", recursive=True))]
found = 0
cases = 0
for path in glob.glob(f"{reports}/*.xml"):
    errors = [[str(error.reason) for error in schema.iter_errors(path)] for schema in schemas]
    if not any(not of for of in errors):
        print(path, errors[0][0])
        found = 1
    cases += sum(len(list(suite)) for suite in junitparser.JUnitXml.fromfile(path))
print(f"JUnit: {cases} tests read")
sys.exit(found or not schemas or not cases)
