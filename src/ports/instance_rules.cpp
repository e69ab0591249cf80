#include "ports/instance_rules.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

constexpr std::size_t kMostTokenLength = 64;
constexpr std::size_t kMostNameLength = 255;

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

template <class T>
bool one_of(const std::vector<T>& values, const T& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

[[noreturn]] void refuse_change(const InstanceId& id, InstanceState state, std::string_view verb) {
    throw Error{
        ErrorKind::conflict,
        fmt::format("{} is {}: it cannot be {}", id.str(), to_string(state), verb)};
}

void check_rule(const IngressRule& rule, const std::string& where, std::vector<Problem>& problems) {
    const bool ports = rule.protocol == "tcp" || rule.protocol == "udp";
    if (!ports && rule.protocol != "icmp") {
        problems.push_back({where + ".protocol", "is '" + rule.protocol + "'; tcp, udp or icmp"});
    }
    if (ports && (rule.from_port == 0 || rule.from_port > rule.to_port)) {
        problems.push_back(
            {where + ".from_port",
             fmt::format("{} to {} is no range of ports from 1", rule.from_port, rule.to_port)}
        );
    }
    if (!parse_network(rule.cidr)) {
        problems.push_back(
            {where + ".cidr", "'" + rule.cidr + "' is no IPv4 network; one looks like 10.0.0.0/8"}
        );
    }
}

std::uint32_t mask_of(int bits) {
    return bits == 0 ? 0U : ~std::uint32_t{0} << (32 - bits);
}

std::optional<unsigned> number(std::string_view& text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || value > most || (length > 1 && text.front() == '0')) {
        return std::nullopt;
    }
    text.remove_prefix(length);
    return value;
}

}  // namespace

std::vector<Problem> launch_problems(const InstanceSpec& spec) {
    auto problems = tag_problems(spec.tags, "tags");
    if (spec.count == 0 || spec.count > kMostInstancesAtOnce) {
        problems.push_back(
            {"count", fmt::format("is {}; 1 to {}", spec.count, kMostInstancesAtOnce)}
        );
    }
    if (spec.user_data.size() > kMostUserData) {
        problems.push_back(
            {"user_data",
             fmt::format("has {} bytes; at most {}", spec.user_data.size(), kMostUserData)}
        );
    }
    if (spec.client_token.size() > kMostTokenLength || !is_plain(spec.client_token)) {
        problems.push_back({"client_token", "at most 64 printable ASCII characters"});
    }
    if (spec.lifetime && *spec.lifetime <= Duration::zero()) {
        problems.push_back({"lifetime", "is not longer than nothing"});
    }
    return problems;
}

std::string launch_digest(const InstanceSpec& spec) {
    Sha256 hash;
    hash.field(spec.image.str()).field(spec.type).field(std::to_string(spec.count));
    for (const auto& [key, value] : spec.tags) {
        hash.field(key).field(value);
    }
    hash.field(spec.user_data).field(spec.key_name);
    for (const auto& group : spec.security_groups) {
        hash.field("group").field(group);
    }
    hash.field(spec.shutdown == ShutdownBehaviour::stop ? "stop" : "terminate").field(spec.zone);
    hash.field(spec.volume_size ? std::to_string(spec.volume_size->count) : "");
    hash.field(spec.lifetime ? std::to_string(spec.lifetime->count()) : "");
    hash.field(spec.spot ? "spot" : "").field(spec.subnet);
    return hash.finish();
}

std::optional<InstanceState> begin_change(
    const InstanceId& id, InstanceState state, Change change
) {
    using enum InstanceState;
    const bool up = state == pending || state == running;
    switch (change) {
        case Change::start:
            if (up) {
                return std::nullopt;
            }
            if (state != stopped) {
                refuse_change(id, state, "started");
            }
            return pending;
        case Change::stop:
            if (state == stopped || state == stopping) {
                return std::nullopt;
            }
            if (!up) {
                refuse_change(id, state, "stopped");
            }
            return stopping;
        case Change::reboot:
            if (!up) {
                refuse_change(id, state, "rebooted");
            }
            return state;
    }
    return std::nullopt;
}

bool matches(const InstanceFilter& filter, const Instance& instance) {
    if (!one_of(filter.ids, instance.id) || !one_of(filter.states, instance.state) ||
        (!filter.client_token.empty() && filter.client_token != instance.client_token)) {
        return false;
    }
    for (const auto& [key, values] : filter.tags) {
        const auto tag = instance.tags.find(key);
        if (tag == instance.tags.end() ||
            std::none_of(values.begin(), values.end(), [&](const auto& pattern) {
                return wildcard_match(pattern, tag->second);
            })) {
            return false;
        }
    }
    return std::all_of(filter.tag_keys.begin(), filter.tag_keys.end(), [&](const auto& key) {
        return instance.tags.contains(key);
    });
}

void require_all_found(const InstanceFilter& filter, const std::vector<InstanceId>& known) {
    for (const auto& id : filter.ids) {
        if (std::find(known.begin(), known.end(), id) == known.end()) {
            throw Error{ErrorKind::not_found, "there is no instance " + id.str()};
        }
    }
}

KeyPair key_pair(const std::string& name, const std::string& public_key, TimePoint now) {
    if (name.empty() || name.size() > kMostNameLength || !is_plain(name)) {
        throw Error{ErrorKind::invalid, "a key's name has 1 to 255 printable ASCII characters"};
    }
    auto line = public_key;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) {
        line.pop_back();
    }
    const auto first = line.find(' ');
    const auto kind = line.substr(0, first);
    const bool known = kind.starts_with("ssh-") || kind.starts_with("ecdsa-sha2-") ||
                       kind.starts_with("sk-ssh-") || kind.starts_with("sk-ecdsa-");
    std::optional<std::string> blob;
    if (first != std::string::npos && known && line.find('\n') == std::string::npos) {
        blob = from_base64(line.substr(first + 1, line.find(' ', first + 1) - first - 1));
    }
    // The blob names its kind again: four bytes of length, then the word.
    if (!blob || blob->size() < kind.size() + 4 || blob->compare(4, kind.size(), kind) != 0) {
        throw Error{ErrorKind::invalid, "that is no OpenSSH public key"}.hint(
            "one looks like 'ssh-ed25519 AAAA… comment'; ssh-keygen makes it, in a file *.pub"
        );
    }
    const auto digits = sha256(*blob);
    std::string digest;
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        digest += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
    }
    auto fingerprint = to_base64(digest);
    fingerprint.resize(fingerprint.find('='));
    return {name, line, "SHA256:" + fingerprint, now};
}

void require_good_group(const SecurityGroupSpec& spec) {
    auto problems = tag_problems(spec.tags, "tags");
    if (spec.name.empty() || spec.name.size() > kMostNameLength || !is_plain(spec.name)) {
        problems.push_back({"name", "1 to 255 printable ASCII characters"});
    }
    for (std::size_t at = 0; at < spec.ingress.size(); ++at) {
        check_rule(spec.ingress[at], fmt::format("ingress[{}]", at), problems);
    }
    if (!problems.empty()) {
        throw Error{"the security group is not good", std::move(problems)};
    }
}

bool Network::holds(const Network& other) const noexcept {
    return bits <= other.bits && (other.address & mask_of(bits)) == address;
}

std::optional<Network> parse_network(std::string_view text) {
    Network network;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (!text.starts_with('.')) {
                return std::nullopt;
            }
            text.remove_prefix(1);
        }
        const auto value = number(text, 255);
        if (!value) {
            return std::nullopt;
        }
        network.address = network.address << 8 | *value;
    }
    if (!text.starts_with('/')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto bits = number(text, 32);
    if (!bits || !text.empty()) {
        return std::nullopt;
    }
    network.bits = static_cast<int>(*bits);
    return (network.address & ~mask_of(network.bits)) == 0 ? std::optional{network} : std::nullopt;
}

}  // namespace kiln::ports
