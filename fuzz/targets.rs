//! What each fuzz target hands to its reader. The everyday tests run the same with changes that are the same every day.

use mailtopo::testing::read_export;

/// The readers: the name of each, the name of the file, and what the file begins with, by which the reader is chosen.
pub(crate) const READERS: [(&str, &str, &str); 11] = [
    (
        "state",
        "export",
        "{\"Format\":1,\"What\":\"state\",\"Whole\":true,\"Product\":\"server\",\"Objects\":[{\"Kind\":\"ReceiveConnector\",",
    ),
    ("clixml", "export", "<Objs><Obj><Props>"),
    ("json", "export", "[{\"DomainType\":"),
    (
        "graph",
        "export",
        "{\"resources\":[{\"resourceType\":\"microsoft.exchange.transportrule\",\"properties\":{",
    ),
    (
        "dsc",
        "export",
        "Import-DscResource -ModuleName x\nEXOTransportRule \"a\" {\n",
    ),
    ("format-list", "export", "Name : a\nDomainType : "),
    ("csv", "export", "\"Name\",\"DomainType\"\n"),
    ("zone", "export", "$ORIGIN zone.example.\n"),
    ("octodns", "zone.example.yaml", "'': {type: "),
    (
        "dnscontrol",
        "export",
        "{\"domains\":[{\"name\":\"zone.example\",\"records\":[{",
    ),
    ("postfix", "export", "relay_domains = "),
];

/// Reads a file of the reader's form that goes on with these octets. It may be refused, and must not panic.
pub(crate) fn read(reader: &str, data: &[u8]) -> bool {
    let mut readers = READERS.iter();
    let found = readers.find(|(name, _, _)| *name == reader);
    let Some((_, file, start)) = found else {
        return false;
    };
    read_export(file, &[start.as_bytes(), data].concat()).is_ok()
}
