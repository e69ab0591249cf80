#include "compute/metadata_server.hpp"

#include "compute/metadata.hpp"
#include "net/responder.hpp"

#include <sys/utsname.h>

namespace kiln::compute {

namespace {

MetadataFacts facts_of(const GuestPlan& plan, const std::string& account) {
    utsname host{};
    const bool arm = ::uname(&host) == 0 && std::string_view{host.machine} == "aarch64";
    return {
        .hostname = plan.hostname,
        .ssh_key = plan.ssh_key,
        .user_data = plan.user_data,
        .group_names = plan.group_names,
        .architecture = arm ? "arm64" : "x86_64",
        .account = account,
    };
}

}  // namespace

NetworkPlan network_plan(const GuestPlan& plan, const std::vector<std::uint16_t>& host_ports) {
    return {
        .id = plan.id,
        .address = plan.address,
        .gateway = plan.gateway,
        .home_cidr = plan.home_cidr,
        .ingress = plan.ingress,
        .default_group = plan.default_group,
        .host_ports = host_ports,
    };
}

std::unique_ptr<net::Server> serve_metadata(
    const GuestPlan& plan,
    const InstanceNetwork& network,
    const std::string& account,
    const ports::Clock& clock
) {
    std::unique_ptr<net::Server> server;
    net::ServerOptions options;
    options.address = kMetadataAddress;
    options.port = kMetadataPort;
    options.handler_threads = 1;
    options.max_connections = 64;
    options.max_connections_per_address = 64;
    options.max_waiting = 64;
    auto tokens = std::make_shared<MetadataTokens>();
    auto handle = [facts = facts_of(plan, account), look = plan.look, tokens, &clock](
                      const net::Request& request, net::Responder responder
                  ) {
        auto now = facts;
        now.instance = look();
        responder.send(
            answer_metadata(request, now, *tokens, MetadataTokens::Clock::now(), clock.now())
        );
    };
    network.inside([&] { server = std::make_unique<net::Server>(options, handle); });
    return server;
}

}  // namespace kiln::compute
