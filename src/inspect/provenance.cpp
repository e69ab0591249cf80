#include "inspect/provenance.hpp"

#include <algorithm>
#include <string_view>

namespace kiln::inspect {

namespace {

json::object digest_json(const std::map<std::string, std::string>& digest) {
    json::object object;
    for (const auto& [algorithm, value] : digest) {
        object[algorithm] = value;
    }
    return object;
}

json::object artifact_json(const Artifact& artifact) {
    json::object object;
    if (!artifact.name.empty()) {
        object["name"] = artifact.name;
    }
    if (!artifact.uri.empty()) {
        object["uri"] = artifact.uri;
    }
    if (!artifact.digest.empty()) {
        object["digest"] = digest_json(artifact.digest);
    }
    if (!artifact.annotations.empty()) {
        object["annotations"] = digest_json(artifact.annotations);
    }
    return object;
}

json::value names_only(const json::value& environment) {
    json::array names;
    if (const auto* object = environment.if_object()) {
        for (const auto& member : *object) {
            names.push_back(json::value(member.key()));
        }
    }
    return names;
}

json::object run_details(const ProvenanceFacts& facts) {
    json::object metadata;
    if (!facts.bake.empty()) {
        metadata["invocationId"] = facts.bake;
    }
    if (facts.started) {
        metadata["startedOn"] = format_time(*facts.started);
    }
    if (facts.finished) {
        metadata["finishedOn"] = format_time(*facts.finished);
    }
    return {
        {"builder",
         json::object{
             {"id", facts.builder},
             {"version", json::object{{"kiln", facts.kiln_version}}},
         }},
        {"metadata", std::move(metadata)},
    };
}

}  // namespace

std::string public_url(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        return std::string{url};
    }
    const auto authority = scheme + 3;
    const auto path = std::min(url.find_first_of("/?#", authority), url.size());
    const auto at = url.substr(0, path).rfind('@');
    const auto host = at == std::string_view::npos || at < authority ? authority : at + 1;
    const auto end = std::min(url.find_first_of("?#", path), url.size());
    return std::string{url.substr(0, authority)} + std::string{url.substr(host, end - host)};
}

json::object without_secrets(const json::object& request) {
    json::object open = request;
    // Where to answer and where logs go is no input of the image, and may carry credentials.
    open.erase("reply_to");
    open.erase("logs");
    if (auto* bootstrap = open.contains("bootstrap") ? open["bootstrap"].if_object() : nullptr) {
        if (const auto* environment = bootstrap->if_contains("environment")) {
            (*bootstrap)["environment"] = names_only(*environment);
        }
        if (auto* source = bootstrap->if_contains("source");
            source != nullptr && source->is_string()) {
            *source = public_url(std::string_view{source->get_string()});
        }
    }
    return open;
}

json::object provenance_statement(const ProvenanceFacts& facts) {
    json::array dependencies;
    for (const auto& dependency : facts.dependencies) {
        dependencies.push_back(artifact_json(dependency));
    }
    json::object internal;
    if (!facts.bake_key.empty()) {
        internal["bakeKey"] = facts.bake_key;
    }
    return {
        {"_type", "https://in-toto.io/Statement/v1"},
        {"subject", json::array{artifact_json(facts.subject)}},
        {"predicateType", "https://slsa.dev/provenance/v1"},
        {"predicate",
         json::object{
             {"buildDefinition",
              json::object{
                  {"buildType", "urn:kiln:build-type:bake:v1"},
                  {"externalParameters", without_secrets(facts.request)},
                  {"internalParameters", std::move(internal)},
                  {"resolvedDependencies", std::move(dependencies)},
              }},
             {"runDetails", run_details(facts)},
         }},
    };
}

}  // namespace kiln::inspect
