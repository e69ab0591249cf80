#pragma once

#include "net/client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What S3 answers, read from its XML. Pure.
namespace kiln::aws {

/// An object of a bucket, as ListObjectsV2 tells it.
struct S3Object {
    std::string key;
    std::string etag;                ///< with its quotes
    std::int64_t last_modified = 0;  ///< seconds since 1970
    std::int64_t size = 0;           ///< bytes
    std::string storage_class;

    bool operator==(const S3Object&) const = default;
};

/// One page of a listing.
struct S3Listing {
    std::vector<S3Object> objects;
    std::string next;  ///< the token of the page after it; "" none

    bool operator==(const S3Listing&) const = default;
};

/// What S3 answered in place of a result.
struct S3Failure {
    unsigned status = 0;
    std::string code;  ///< "NoSuchKey"; "" where the answer names none
    std::string message;
    std::string request_id;
    std::string host_id;  ///< the extended request id

    bool operator==(const S3Failure&) const = default;
};

/// @throws Error  unavailable: not the listing of a bucket
[[nodiscard]] S3Listing read_listing(std::string_view xml);

/// Of an answer that is not 2xx.
[[nodiscard]] S3Failure read_s3_failure(const net::ClientResponse& response);

}  // namespace kiln::aws
