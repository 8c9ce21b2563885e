#!/usr/bin/env python3
"""Writes a PowerShell module of simulated Exchange cmdlets for one product.  make_mock.py CATALOGUE OUT  (standard library only)

OUT/<product>.psm1 for online, protection, 2010, 2013, 2016, 2019, se. Names, parameters, which of them are required and in which sets,
and which product has them come from the catalogue of the reference pages (schemas/exchange-cmdlets.json); defaults and forms of
what is shown are written below. The binder of PowerShell itself refuses unknown parameters, missing ones and values for truth and number.
"""
import json, pathlib, sys
PRODUCTS = {"online": "Exchange Online", "protection": "Exchange Online Protection", "2010": "Exchange Server 2010",
            "2013": "Exchange Server 2013", "2016": "Exchange Server 2016", "2019": "Exchange Server 2019", "se": "Exchange Server SE"}
RELEASES = ["2007", "2010", "2013", "2016", "2019", "se"]
GENERIC = ["InboundConnector", "OutboundConnector", "AcceptedDomain", "RemoteDomain", "SendConnector", "ReceiveConnector", "TransportRule", "DkimSigningConfig",
           "ArcConfig", "OrganizationConfig", "TransportConfig", "CASMailbox", "ExchangeServer", "ExchangeCertificate", "Recipient"]
SINGLE = ["ArcConfig", "OrganizationConfig", "TransportConfig"]
BOOL = {"Boolean", "System.Boolean"}
INT = {"Int32", "Int16", "UInt16", "UInt32"}
LISTS = {"MultiValuedProperty", "ProxyAddressCollection"}
ENUMS = {"TlsAuthLevel", "FromUserScope", "ToUserScope", "RuleMode", "SenderAddressLocation", "TenantConnectorType", "TenantConnectorSource", "AcceptedDomainType",
         "UsageType", "RuleErrorAction", "RuleSubType", "RecipientAddressType", "MtaStsMode", "SmtpDaneMode", "ProtocolLoggingLevel"}
NEVER_NULL = {"DomainType", "ConnectorType", "Mode", "SenderAddressLocation", "SmartHostAuthMechanism"}
FLAGS = {"AuthMechanism": "None,Tls,Integrated,BasicAuth,BasicAuthRequireTLS,ExchangeServer,ExternalAuthoritative",
         "PermissionGroups": "None,AnonymousUsers,ExchangeUsers,ExchangeServers,ExchangeLegacyServers,Partners,Custom"}
WITH_SETS = {"New-ReceiveConnector": "UsageType", "New-SendConnector": "AddressSpaces"}
L = object()   # an empty list
DEFAULTS = {
 "InboundConnector": dict(Name="", Enabled=True, ConnectorType="Partner", ConnectorSource="Default", Comment="", SenderIPAddresses=L, SenderDomains=L, TrustedOrganizations=L,
    AssociatedAcceptedDomains=L, RequireTls="REQUIRE_TLS", RestrictDomainsToIPAddresses=False, RestrictDomainsToCertificate=False, CloudServicesMailEnabled=False,
    TreatMessagesAsInternal=False, TlsSenderCertificateName=None, EFTestMode=False, ScanAndDropRecipients=L, EFSkipLastIP=False, EFSkipIPs=L, EFSkipMailGateway=L, EFUsers=L),
 "OutboundConnector": dict(Name="", Enabled=True, UseMXRecord=True, Comment="", ConnectorType="Partner", ConnectorSource="Default", RecipientDomains=L, SmartHosts=L, TlsDomain=None,
    TlsSettings=None, IsTransportRuleScoped=False, RouteAllMessagesViaOnPremises=False, CloudServicesMailEnabled=False, AllAcceptedDomains=False, SenderRewritingEnabled=False,
    TestMode=False, MtaStsMode="Opportunistic", SmtpDaneMode="Opportunistic", ValidationRecipients=L, IsValidated=False, LastValidationTimestamp=None),
 "AcceptedDomain": dict(Name="", DomainName="", DomainType="Authoritative", MatchSubDomains=False, Default=False, AddressBookEnabled=True),
 "RemoteDomain": dict(Name="", DomainName="", TargetDeliveryDomain=False, TrustedMailInboundEnabled=False, TrustedMailOutboundEnabled=False, AutoForwardEnabled=True),
 "SendConnector": dict(Name="", Enabled=True, AddressSpaces=L, SourceTransportServers=L, DNSRoutingEnabled=True, SmartHosts=L, Port=25, Fqdn=None, RequireTLS=False, IgnoreSTARTTLS=False,
    TlsAuthLevel=None, TlsDomain=None, TlsCertificateName=None, CloudServicesMailEnabled=False, SmartHostAuthMechanism="None", MaxMessageSize=36700160, IsScopedConnector=False, Comment="",
    ForceHELO=False, UseExternalDNSServersEnabled=False, ProtocolLoggingLevel="None"),
 "ReceiveConnector": dict(Name="", Server="", Enabled=True, Bindings=L, RemoteIPRanges=L, AuthMechanism=["Tls"], PermissionGroups=["None"], RequireTLS=False, Fqdn=None, TlsCertificateName=None,
    TlsDomainCapabilities=L, MaxMessageSize=37748736, TransportRole="HubTransport", Comment="", ProtocolLoggingLevel="None"),
 "TransportRule": dict(Name="", Priority=0, State="Enabled", Mode="Enforce", Comments=None, SenderAddressLocation="Header", StopRuleProcessing=False, SetAuditSeverity=None,
    RuleErrorAction="Ignore", RuleSubType="None", RecipientAddressType="Resolved"),
 "DkimSigningConfig": dict(Domain="", Name="", Enabled=False, Status="CnameMissing", Selector1CNAME="", Selector2CNAME=""),
 "ArcConfig": dict(Name="Default", ArcTrustedSealers=L), "OrganizationConfig": dict(Name="", IsDehydrated=False, RejectDirectSend=False),
 "TransportConfig": dict(Name="", SmtpClientAuthenticationDisabled=False), "CASMailbox": dict(Name="", PrimarySmtpAddress="", SmtpClientAuthenticationDisabled=None),
}
# Before 2013 these did not exist on a server.
LATER = {"SendConnector": ["TlsCertificateName", "CloudServicesMailEnabled"], "ReceiveConnector": ["TlsCertificateName", "TransportRole"]}

def ps(value):
    if value is None: return "$null"
    if value is True: return "$true"
    if value is False: return "$false"
    if isinstance(value, int): return str(value) + ("L" if value > 10000 else "")
    return "'" + str(value).replace("'", "''") + "'"

def included(products, short):
    """Whether a product is in a list such as `online eop 2010-se`."""
    for word in products.split():
        if word in ("online", "eop"):
            if {"online": "online", "eop": "protection"}[word] == short: return True
        elif short in RELEASES:
            first, last = word.split("-") if "-" in word else (word, word)
            if RELEASES.index(first) <= RELEASES.index(short) <= RELEASES.index(last): return True
    return False

def in_set(p, name): return name == "" or "sets" not in p or name in p["sets"]
def required_in(p, name): return in_set(p, name) and (p.get("required", False) or name in p.get("required_in", []))

def of(cmdlet, name, p):
    """The kind of a value, as runtime.ps1 reads it, and the type in the param block."""
    t, listed = p["type"], p.get("values", [])
    if t == "SwitchParameter": return "any", "[switch]"
    if t in BOOL:
        return "bool", "[System.Nullable[bool]]" if p.get("null") else "[bool]"
    if t in INT: return "int", "[int]"
    if t == "PSCredential": return "any", "[System.Management.Automation.PSCredential]"
    if name in FLAGS: return "flags:" + FLAGS[name], "[object]"
    if name == "SmartHostAuthMechanism": return "enum:None,BasicAuth,BasicAuthRequireTLS,ExchangeServer,ExternalAuthoritative", "[object]"
    if name == "MaxMessageSize": return "size", "[object]"
    if t in LISTS or t.endswith("[]") and t != "Hashtable[]": return "list", "[object]"
    if t in ENUMS and len(listed) > 1:
        # A connector of the tenant has other types than one of a server.
        return ("enum:" if name in NEVER_NULL and name != "ConnectorType" or (name == "ConnectorType" and "bound" in cmdlet) else "enum?:") + ",".join(listed), "[object]"
    if name in ("Priority",): return "int", "[int]"
    if t in ("Unlimited", "ByteQuantifiedSize", "EnhancedTimeSpan", "DateTime", "Hashtable[]"): return "any", "[object]"
    return "text", "[object]"

def attributes(cmdlet, name, c, p):
    sets = c.get("sets", []) if cmdlet in WITH_SETS else []
    inside = [(one, required_in(p, one)) for one in sets if in_set(p, one)]
    if sets and (len(inside) < len(sets) or len({r for _, r in inside}) > 1):
        return [f"[Parameter(ParameterSetName = {ps(n)}, Mandatory = {ps(r)})]" for n, r in inside]
    required = all(required_in(p, one) for one in c.get("sets") or [""])
    return [f"[Parameter(Mandatory = {ps(required)})]"]

def module(catalogue, short):
    product, out, types, exported = PRODUCTS[short], [], {}, []
    online = short in ("online", "protection")
    def exists(c): return included(c["products"], short)
    def has(c, p): return included(p.get("products", c["products"]), short)
    wanted = {f"{verb}-{noun}": (verb, noun) for noun in GENERIC for verb in ("New", "Set", "Get", "Remove")}
    wanted.update({"Enable-TransportRule": ("Enable", "TransportRule"), "Disable-TransportRule": ("Disable", "TransportRule"), "Add-ADPermission": ("Add", "ADPermission"),
                   "Get-ADPermission": ("Get", "ADPermission"), "Remove-ADPermission": ("Remove", "ADPermission"), "Validate-OutboundConnector": ("Validate", "OutboundConnector"),
                   "Get-DnssecStatusForVerifiedDomain": ("Dnssec", "")})
    for cmdlet, (verb, noun) in wanted.items():
        c = catalogue.get(cmdlet)
        if c is None or not exists(c): continue
        if verb == "New" and noun in ("ExchangeCertificate",): continue
        exported.append(cmdlet)
        types[cmdlet], lines = {}, []
        for name, p in c["parameters"].items():
            if name in ("WhatIf", "Confirm") or not has(c, p): continue
            kind, shown = of(cmdlet, name, p)
            types[cmdlet][name] = kind
            marks = attributes(cmdlet, name, c, p)
            if not marks: continue
            # A required list may be empty only where it is not required; text may be cleared.
            if shown == "[object]" and "$true" not in " ".join(marks): marks.append("[AllowNull()]")
            lines.append("        " + " ".join(marks) + " " + shown + " $" + name)
        should = f"SupportsShouldProcess = $true, ConfirmImpact = '{'High' if verb == 'Remove' else 'Medium'}'" if "WhatIf" in c["parameters"] else ""
        if cmdlet in WITH_SETS: should += f", DefaultParameterSetName = '{WITH_SETS[cmdlet]}'"
        body = {"New": f"Invoke-MockNew '{cmdlet}' '{noun}' $PSBoundParameters", "Set": f"Invoke-MockSet '{cmdlet}' '{noun}' $PSBoundParameters",
                "Get": f"Invoke-MockGet '{cmdlet}' '{noun}' $PSBoundParameters", "Remove": f"Invoke-MockRemove '{cmdlet}' '{noun}' $PSBoundParameters",
                "Enable": f"Invoke-MockSwitch '{cmdlet}' $PSBoundParameters 'Enabled'", "Disable": f"Invoke-MockSwitch '{cmdlet}' $PSBoundParameters 'Disabled'",
                "Validate": "Invoke-MockValidate $PSBoundParameters", "Dnssec": "New-Object PSObject -Property @{ DnssecFeatureStatus = 'Disabled'; ExpectedMxRecord = '' }"}.get(verb)
        if noun == "ADPermission": body = f"Invoke-MockPermission '{verb}' $PSBoundParameters"
        text = [f"function {cmdlet} {{", f"    [CmdletBinding({should})]", "    param(", ",\n".join(lines), "    )"]
        if "WhatIf" in c["parameters"]: text.append(f"    if (-not $PSCmdlet.ShouldProcess('{cmdlet}')) {{ return }}")
        text += ["    " + body, "}", ""]
        out.append("\n".join(text))
    head = ["# Simulated cmdlets of " + product + ". Written by make_mock.py; not for use with a real organization.", "Set-StrictMode -Version 2.0", "",
            f"$script:Online = {ps(online)}",
            "[Flags()] enum MockAuthMechanisms {\n" + "\n".join(f"    {w} = {0 if i == 0 else 1 << (i - 1)}" for i, w in enumerate(FLAGS["AuthMechanism"].split(","))) + "\n}",
            "[Flags()] enum MockPermissionGroups {\n" + "\n".join(f"    {w} = {0 if i == 0 else 1 << (i - 1)}" for i, w in enumerate(FLAGS["PermissionGroups"].split(","))) + "\n}",
            "enum MockTlsLevel {\n    EncryptionOnly = 1\n    CertificateValidation = 2\n    DomainValidation = 3\n}", "",
            "$script:Kinds = @{ " + "; ".join(f"{k} = $true" for k in SINGLE) + " }", "$script:Types = @{}"]
    for cmdlet, table in types.items():
        head.append(f"$script:Types['{cmdlet}'] = @{{")
        head += [f"    {n} = {ps(k)}" for n, k in table.items()]
        head.append("}")
    head.append("$script:Defaults = @{}")
    for kind, table in DEFAULTS.items():
        table = dict(table)
        if short == "2010":
            for name in LATER.get(kind, []): table.pop(name, None)
        if not online and kind == "TransportRule": continue
        # A rule shows every part that it could have.
        if kind == "TransportRule":
            for name in types.get("Set-TransportRule", {}):
                if name not in ("Identity", "DomainController", "Confirm", "WhatIf"): table.setdefault(name, None if types["Set-TransportRule"][name] != "bool" else False)
        head.append(f"$script:Defaults['{kind}'] = @{{}}")
        for name, value in table.items():
            left = f"$script:Defaults['{kind}']['{name}'] = "
            if value is L: head.append(left + "New-Object System.Collections.ArrayList")
            elif isinstance(value, list): head.append(left + "New-Object System.Collections.ArrayList -ArgumentList (, @(" + ", ".join(ps(v) for v in value) + "))")
            elif value == "REQUIRE_TLS": head.append(left + "$true")
            else: head.append(left + ps(value))
    runtime = (pathlib.Path(__file__).resolve().parent / "runtime.ps1").read_text(encoding="utf-8")
    tail = """
# No prompt in a test: a login that a smart host wants is this one.
function Get-Credential {
    [CmdletBinding()]
    param()
    $secret = New-Object System.Security.SecureString
    $secret.AppendChar('x')
    New-Object System.Management.Automation.PSCredential -ArgumentList 'relay-user', $secret
}
"""
    harness = ["Set-MockOption", "Set-MockFault", "Get-MockWrite", "Get-MockRead", "Clear-MockRead", "Clear-MockWrite", "Get-MockState", "Edit-MockProperty", "Add-MockObject", "Add-MockItem", "Remove-MockObject", "Find-MockObject", "Move-MockRule", "Grant-MockRelay",
               "Initialize-MockOrganization", "Save-MockOrganization", "Restore-MockOrganization", "Get-Credential"]
    export = "\nExport-ModuleMember -Function @(\n" + ",\n".join("    '" + n + "'" for n in exported + harness) + "\n)\n"
    return "\n".join(head) + "\n\n" + runtime + "\n" + "\n".join(out) + tail + export

catalogue = json.load(open(sys.argv[1], encoding="utf-8"))["cmdlets"]
out = pathlib.Path(sys.argv[2]); out.mkdir(parents=True, exist_ok=True)
for short in PRODUCTS:
    (out / f"{short}.psm1").write_text(module(catalogue, short), encoding="utf-8")
