#pragma once

#include "aws/signing_key_cache.hpp"
#include "aws/sigv4.hpp"
#include "net/client.hpp"

#include <string>
#include <string_view>

namespace kiln::aws {

/// A request before it is signed.
struct Unsigned {
    std::string_view method = "POST";
    const std::string& endpoint;  ///< a URL without a path
    std::string path = "/";       ///< percent-encoded
    std::string query = "";       ///< without "?"; "" none
    Fields headers;               ///< Host among them
    const std::string& body;
};

/// Signed by an Authorization header.
[[nodiscard]] net::ClientRequest signed_request(
    Unsigned request, const Signing& signing, SigningKeyCache& keys
);

}  // namespace kiln::aws
