#include "aws/s3_answers.hpp"

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fmt/format.h>

namespace kiln::aws {

namespace {

namespace tree = boost::property_tree;

std::optional<tree::ptree> parse(std::string_view xml) {
    std::istringstream stream{std::string{xml}};
    tree::ptree document;
    try {
        tree::read_xml(stream, document, tree::xml_parser::trim_whitespace);
    } catch (const tree::xml_parser_error&) {
        return std::nullopt;
    }
    return document;
}

std::int64_t seconds_of_time(const std::string& text) {
    const auto time = parse_time(text).time_since_epoch();
    return std::chrono::floor<std::chrono::seconds>(time).count();
}

/// A key of a listing that was asked for with encoding-type=url: percent-encoded, a space may be
/// a plus. XML itself could not tell every key, and its reader joins spaces.
std::string key_of_url(std::string text) {
    std::replace(text.begin(), text.end(), '+', ' ');
    return net::percent_decoded(text);
}

/// @param url  keys are encoded as in URLs
S3Object read_object(const tree::ptree& node, bool url) {
    auto key = node.get<std::string>("Key");
    return {
        url ? key_of_url(std::move(key)) : std::move(key),
        node.get<std::string>("ETag", ""),
        seconds_of_time(node.get<std::string>("LastModified", "1970-01-01T00:00:00Z")),
        node.get<std::int64_t>("Size", 0),
        node.get<std::string>("StorageClass", "STANDARD")};
}

}  // namespace

S3Listing read_listing(std::string_view xml) {
    const auto document = parse(xml);
    const auto root = document ? document->get_child_optional("ListBucketResult") : boost::none;
    if (!root) {
        throw Error{ErrorKind::unavailable, "s3: the answer is not the listing of a bucket"}.hint(
            "is the endpoint the service itself, or something before it?"
        );
    }
    S3Listing out;
    // Servers that do not know the parameter say nothing.
    const bool url = root->get<std::string>("EncodingType", "") == "url";
    try {
        for (const auto& [name, node] : *root) {
            if (name == "Contents") {
                out.objects.push_back(read_object(node, url));
            }
        }
    } catch (const tree::ptree_error& error) {
        throw Error{ErrorKind::unavailable, fmt::format("s3: a listing: {}", error.what())};
    }
    out.next = root->get<std::string>("NextContinuationToken", "");
    return out;
}

S3Failure read_s3_failure(const net::ClientResponse& response) {
    S3Failure out;
    out.status = response.status;
    if (const auto document = parse(response.body)) {
        out.code = document->get<std::string>("Error.Code", "");
        out.message = document->get<std::string>("Error.Message", "");
        out.request_id = document->get<std::string>("Error.RequestId", "");
        out.host_id = document->get<std::string>("Error.HostId", "");
    }
    if (out.request_id.empty()) {
        out.request_id = response.headers.value_or("x-amz-request-id", "");
    }
    if (out.host_id.empty()) {
        out.host_id = response.headers.value_or("x-amz-id-2", "");
    }
    if (out.message.empty()) {
        out.message = fmt::format("status {}", response.status);
    }
    return out;
}

}  // namespace kiln::aws
