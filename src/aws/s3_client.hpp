#pragma once

#include "aws/json_client.hpp"
#include "aws/s3_answers.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

namespace kiln::aws {

/// Objects of S3, or of a server that speaks its protocol: read, listed, written. Buckets are named
/// in the path, which every such server knows. Tries again as `JsonClient` does. Safe from several
/// threads.
class S3Client {
  public:
    template <class T>
    using Outcome = std::variant<T, S3Failure>;

    struct Done {};

    S3Client(Location location, ClientWorld world);

    // All of them:
    // @throws Error  unavailable, timed_out: no answer · cancelled: `stop` · denied: no
    //                credentials · invalid: the object is longer than the transport takes

    /// The object's bytes. @param version  "": the newest
    [[nodiscard]] Outcome<std::string> get(
        std::string_view bucket,
        std::string_view key,
        std::string_view version = {},
        const std::stop_token& stop = {}
    );
    /// @param token  of the page; "": the first
    [[nodiscard]] Outcome<S3Listing> list(
        std::string_view bucket,
        std::string_view prefix,
        std::string_view token = {},
        const std::stop_token& stop = {}
    );
    [[nodiscard]] Outcome<Done> put(
        std::string_view bucket,
        std::string_view key,
        const std::string& bytes,
        const std::stop_token& stop = {}
    );

  private:
    struct Call {
        std::string_view method;
        std::string path;  ///< percent-encoded
        std::string query;
        std::string body;
    };

    [[nodiscard]] net::ClientRequest signed_request(const Call& call);
    [[nodiscard]] net::ClientResponse send(const Call& call, const std::stop_token& stop);
    template <class Read>
    auto ask(const Call& call, const std::stop_token& stop, Read read)
        -> Outcome<std::invoke_result_t<Read, net::ClientResponse&>>;

    Location location_;
    std::string host_;
    ClientWorld world_;
    SigningKeyCache keys_;
    RetryQuota quota_;
};

/// "/BUCKET/KEY", each part percent-encoded, slashes of the key kept. Pure.
[[nodiscard]] std::string object_path(std::string_view bucket, std::string_view key);

}  // namespace kiln::aws
