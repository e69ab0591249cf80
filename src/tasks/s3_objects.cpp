#include "tasks/objects.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

template <class T>
T value_of(aws::S3Client::Outcome<T> outcome) {
    if (const auto* failure = std::get_if<aws::S3Failure>(&outcome)) {
        throw ObjectFailure{fmt::format(
            "{} (Service: S3, Status Code: {}, Request ID: {}, Extended Request ID: {})",
            failure->message,
            failure->status,
            failure->request_id,
            failure->host_id
        )};
    }
    return std::get<T>(std::move(outcome));
}

}  // namespace

std::string S3Objects::get(
    const std::string& bucket, const std::string& key, const std::string& version
) {
    return value_of(client_.get(bucket, key, version, stop_.get_token()));
}

void S3Objects::list(
    const std::string& bucket,
    const std::string& prefix,
    const std::function<bool(const aws::S3Object&)>& visit
) {
    std::string token;
    do {
        const auto page = value_of(client_.list(bucket, prefix, token, stop_.get_token()));
        for (const auto& object : page.objects) {
            if (!visit(object)) {
                return;
            }
        }
        token = page.next;
    } while (!token.empty());
}

void S3Objects::put(const std::string& bucket, const std::string& key, const std::string& bytes) {
    (void)value_of(client_.put(bucket, key, bytes, stop_.get_token()));
}

}  // namespace kiln::tasks
