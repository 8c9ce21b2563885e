# What Mail::SPF makes of senders, by the name server at a port of the loopback interface. Reads a JSON list of addresses and
# domains, and prints the list of results.
use strict;
use warnings;
use JSON::PP;
use Mail::SPF;
use Net::DNS::Resolver;

my ($port) = @ARGV;
my $resolver = Net::DNS::Resolver->new(
    nameservers => ['127.0.0.1'],
    port        => $port,
    recurse     => 0,
    dnsrch      => 0,
    defnames    => 0,
    udp_timeout => 5,
    udppacketsize => 1232,
);
my $server = Mail::SPF::Server->new(
    dns_resolver                => $resolver,
    max_dns_interactive_terms   => 10,
    max_name_lookups_per_mx_mech => 10,
    max_void_dns_lookups        => 2,
);
local $/;
my @results;
for my $asked (@{ decode_json(<STDIN>) }) {
    my ($address, $domain) = @$asked;
    my $request = Mail::SPF::Request->new(
        versions      => [1],
        scope         => 'mfrom',
        identity      => "someone\@$domain",
        ip_address    => $address,
        helo_identity => 'helo.invalid',
    );
    push @results, $server->process($request)->code;
}
print encode_json(\@results);
