#pragma once

#include "base/json.hpp"
#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::inspect {

/// Something a build took in or brought forth, by its digests.
struct Artifact {
    std::string name;  ///< of a subject: the image's id
    std::string uri;   ///< of a dependency: "kiln:image/ami-…", an https URL
    std::map<std::string, std::string> digest;  ///< algorithm -> lower-case hex: {"sha256", …}
    std::map<std::string, std::string> annotations;
};

struct ProvenanceFacts {
    /// The image. Its `sha256` is that of the image exported as an uncompressed tar, so anyone can
    /// check it with `kiln image export --format tar` and sha256sum.
    Artifact subject;
    std::string builder;  ///< URI of who ran it: "https://host/kiln"
    std::string kiln_version;
    json::object request;                ///< as understood; secrets are taken out here
    std::vector<Artifact> dependencies;  ///< parent and bootstrap
    std::string bake;                    ///< id
    std::string bake_key;
    std::optional<TimePoint> started, finished;
};

/// The request as it may be published: environment values, reply address, log destination and the
/// user part and query of URLs are taken out; the environment's names stay. Values are not hashed
/// either: a hash of a short secret is the secret to anyone who can guess. Pure.
[[nodiscard]] json::object without_secrets(const json::object& request);

/// A URL without its user part, query and fragment; a text that is no URL as it is. Pure.
[[nodiscard]] std::string public_url(std::string_view url);

/// An in-toto Statement v1 with a SLSA Provenance v1 predicate. Pure.
/// Source: in-toto.io/Statement/v1, slsa.dev/provenance/v1.
[[nodiscard]] json::object provenance_statement(const ProvenanceFacts& facts);

}  // namespace kiln::inspect
