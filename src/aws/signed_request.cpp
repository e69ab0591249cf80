#include "aws/signed_request.hpp"

#include "base/sha256.hpp"

namespace kiln::aws {

net::ClientRequest signed_request(Unsigned request, const Signing& signing, SigningKeyCache& keys) {
    const auto hash = sha256(request.body);
    const auto result = sign_by_header(
        {request.method, request.path, request.query, request.headers, hash},
        signing,
        keys.key(signing.credentials, signing.scope())
    );
    net::ClientRequest out{
        .method = std::string{request.method},
        .url =
            request.endpoint + request.path + (request.query.empty() ? "" : "?" + request.query)};
    auto headers = std::move(request.headers);
    headers.insert(headers.end(), result.headers.begin(), result.headers.end());
    for (auto& [name, value] : headers) {
        out.headers.add(std::move(name), std::move(value));
    }
    out.body = request.body;
    return out;
}

}  // namespace kiln::aws
