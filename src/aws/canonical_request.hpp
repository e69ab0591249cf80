#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The form of a request that AWS' Signature Version 4 signs. Pure text.
/// Source: AWS General Reference, "Create a signed AWS API request".
namespace kiln::aws {

using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;

/// What becomes of the path before it is signed.
enum class PathRule {
    normalized,  ///< "." and ".." resolved, doubled slashes dropped, encoded once more: AWS' rule
    verbatim,    ///< encoded once more
    s3,          ///< as it was sent
};

/// A request as it goes over the wire. Refers to texts that outlive it.
struct SignableRequest {
    std::string_view method;
    std::string_view path;            ///< percent-encoded; "" is "/"
    std::string_view query;           ///< without '?', percent-encoded
    std::span<const Field> headers;   ///< in their order; Host among them
    std::string_view payload_sha256;  ///< hex of the body's hash, or "UNSIGNED-PAYLOAD"
};

/// RFC 3986: all but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

[[nodiscard]] std::string canonical_path(std::string_view path, PathRule rule);

/// Names and values decoded (%XX; '+' is a plus), encoded, sorted by name, then value.
[[nodiscard]] std::string canonical_query(std::string_view query);

/// Surrounding white space off, each run of it inside a single space.
[[nodiscard]] std::string canonical_value(std::string_view value);

/// The names to sign, lower case, sorted, once each: all but those that proxies and HTTP libraries
/// set or change.
[[nodiscard]] std::vector<std::string> signable_names(std::span<const Field> headers);

/// The whole of it, with `names` (lower case) as the signed headers, in that order. A name that no
/// header has stands there with an empty value.
[[nodiscard]] std::string canonical_request(
    const SignableRequest& request, std::span<const std::string> names, PathRule rule
);

/// "a;b;c"
[[nodiscard]] std::string joined_names(std::span<const std::string> names);

[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace kiln::aws
