#include "compute/metadata.hpp"

#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/random.hpp"

#include <charconv>

namespace kiln::compute {

namespace {

constexpr std::size_t kMostTokens = 1024;
constexpr std::string_view kTtlHeader = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view kTokenHeader = "X-aws-ec2-metadata-token";

using Tree = std::map<std::string, std::string, std::less<>>;  ///< path without its first slash

std::string region_of(const std::string& zone) {
    const bool letter = !zone.empty() && zone.back() >= 'a' && zone.back() <= 'z';
    return letter ? zone.substr(0, zone.size() - 1) : zone;
}

std::string identity_document(const MetadataFacts& facts) {
    const auto& instance = facts.instance;
    return pretty_json(json::object{
        {"accountId", facts.account},
        {"architecture", facts.architecture},
        {"availabilityZone", instance.zone},
        {"imageId", instance.image.str()},
        {"instanceId", instance.id.str()},
        {"instanceType", instance.type},
        {"pendingTime", format_time(instance.launched)},
        {"privateIp", instance.private_ip},
        {"region", region_of(instance.zone)},
        {"version", "2017-09-30"}});
}

void add_end_notice(Tree& tree, const ports::Instance& instance, TimePoint now) {
    using enum ports::InstanceState;
    if (instance.state != stopping && instance.state != shutting_down) {
        return;
    }
    const auto when = format_time(now);
    const auto* action = instance.state == stopping ? "stop" : "terminate";
    tree["meta-data/spot/instance-action"] =
        json::serialize(json::object{{"action", action}, {"time", when}});
    tree["meta-data/spot/termination-time"] = when;
}

Tree tree_of(const MetadataFacts& facts, TimePoint now) {
    const auto& instance = facts.instance;
    Tree tree{
        {"meta-data/ami-id", instance.image.str()},
        {"meta-data/ami-launch-index", "0"},
        {"meta-data/hostname", facts.hostname},
        {"meta-data/instance-action", "none"},
        {"meta-data/instance-id", instance.id.str()},
        {"meta-data/instance-life-cycle", "on-demand"},
        {"meta-data/instance-type", instance.type},
        {"meta-data/local-hostname", facts.hostname},
        {"meta-data/local-ipv4", instance.private_ip},
        {"meta-data/placement/availability-zone", instance.zone},
        {"meta-data/placement/region", region_of(instance.zone)},
        {"dynamic/instance-identity/document", identity_document(facts)},
    };
    std::string groups;
    for (const auto& name : facts.group_names) {
        groups += (groups.empty() ? "" : "\n") + name;
    }
    tree["meta-data/security-groups"] = groups.empty() ? "default" : groups;
    if (!facts.ssh_key.empty()) {
        tree["meta-data/public-keys/0/openssh-key"] = facts.ssh_key + "\n";
    }
    for (const auto& [key, value] : instance.tags) {
        if (key.find('/') == std::string::npos) {
            tree["meta-data/tags/instance/" + key] = value;
        }
    }
    if (!facts.user_data.empty()) {
        tree["user-data"] = facts.user_data;
    }
    add_end_notice(tree, instance, now);
    return tree;
}

net::Response plain(unsigned status, std::string body) {
    return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

net::Response give_token(
    const net::Request& request, MetadataTokens& tokens, MetadataTokens::Clock::time_point now
) {
    const auto text = request.headers.value_or(kTtlHeader, "");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 1 ||
        seconds > MetadataTokens::kLongest.count()) {
        return plain(400, "Bad Request\n");
    }
    auto response = plain(200, tokens.issue(std::chrono::seconds{seconds}, now));
    response.headers.set(std::string{kTtlHeader}, std::to_string(seconds));
    return response;
}

}  // namespace

std::optional<std::string> metadata_entry(
    std::string_view path, const MetadataFacts& facts, TimePoint now
) {
    const auto tree = tree_of(facts, now);
    while (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    if (const auto leaf = tree.find(path); leaf != tree.end()) {
        return leaf->second;
    }
    if (path == "meta-data/public-keys" || path == "meta-data/public-keys/") {
        return facts.ssh_key.empty() ? std::nullopt : std::optional{"0=" + facts.instance.key_name};
    }
    std::string folder{path};
    if (!folder.empty() && !folder.ends_with('/')) {
        folder += '/';
    }
    std::string list;
    std::string last;
    for (auto at = tree.lower_bound(folder); at != tree.end() && at->first.starts_with(folder);
         ++at) {
        const auto rest = at->first.substr(folder.size());
        const auto slash = rest.find('/');
        const auto entry = slash == std::string::npos ? rest : rest.substr(0, slash + 1);
        if (entry != last) {
            list += (list.empty() ? "" : "\n") + entry;
            last = entry;
        }
    }
    return list.empty() ? std::nullopt : std::optional{list};
}

std::string MetadataTokens::issue(std::chrono::seconds ttl, Clock::time_point now) {
    const auto bytes = random_bytes<32>();
    auto token = to_hex(bytes);
    auto tokens = tokens_.lock();
    std::erase_if(*tokens, [&](const auto& one) { return one.second <= now; });
    if (tokens->size() >= kMostTokens) {
        tokens->erase(tokens->begin());
    }
    tokens->emplace(token, now + ttl);
    return token;
}

std::optional<std::chrono::seconds> MetadataTokens::left(
    std::string_view token, Clock::time_point now
) {
    auto tokens = tokens_.lock();
    const auto found = tokens->find(token);
    if (found == tokens->end() || found->second <= now) {
        return std::nullopt;
    }
    return std::chrono::ceil<std::chrono::seconds>(found->second - now);
}

net::Response answer_metadata(
    const net::Request& request,
    const MetadataFacts& facts,
    MetadataTokens& tokens,
    MetadataTokens::Clock::time_point now,
    TimePoint time_of_day
) {
    auto path = request.path();
    if (request.method == "PUT" && path == "/latest/api/token") {
        return request.headers.contains("X-Forwarded-For") ? plain(403, "Forbidden\n")
                                                           : give_token(request, tokens, now);
    }
    if (request.method != "GET" && request.method != "HEAD") {
        return plain(405, "Method Not Allowed\n");
    }
    const auto left = tokens.left(request.headers.value_or(kTokenHeader, ""), now);
    if (!left) {
        return plain(401, "Unauthorized\n");
    }
    constexpr std::string_view kRoot = "/latest";
    if (path == "/") {
        return plain(200, "latest");
    }
    if (!path.starts_with(kRoot) || (path.size() > kRoot.size() && path[kRoot.size()] != '/')) {
        return plain(404, "Not Found\n");
    }
    auto entry = metadata_entry(path.substr(kRoot.size()), facts, time_of_day);
    if (!entry) {
        return plain(404, "Not Found\n");
    }
    auto response = plain(200, std::move(*entry));
    response.headers.set(std::string{kTtlHeader}, std::to_string(left->count()));
    return response;
}

}  // namespace kiln::compute
