#include "base/base64.hpp"
#include "tasks/http_task.hpp"

namespace kiln::tasks {

namespace {

using Problems = std::vector<Problem>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

void read_basic(ObjectReader& reader, HttpConnection& out, Problems& problems) {
    if (const auto* basic = reader.value("basic")) {
        ObjectReader inner{*basic, reader.path("basic"), problems};
        const auto user = inner.string("user", ObjectReader::Need::required);
        const auto password = inner.string("password", ObjectReader::Need::required);
        inner.finish();
        if (user && password) {
            out.headers.emplace_back(
                "Authorization", "Basic " + to_base64(*user + ":" + *password)
            );
        }
    }
}

void read_key(ObjectReader& reader, HttpConnection& out, Problems& problems) {
    if (const auto* key = reader.value("api_key")) {
        ObjectReader inner{*key, reader.path("api_key"), problems};
        const auto name = inner.string("name", ObjectReader::Need::required);
        const auto value = inner.string("value", ObjectReader::Need::required);
        inner.finish();
        if (name && value) {
            out.headers.emplace_back(*name, *value);
        }
    }
}

HttpConnection read_connection(
    const json::value& value, const std::string& name, Problems& problems
) {
    HttpConnection out;
    ObjectReader reader{value, name, problems};
    read_basic(reader, out, problems);
    read_key(reader, out, problems);
    if (const auto bearer = reader.string("bearer")) {
        out.headers.emplace_back("Authorization", "Bearer " + *bearer);
    }
    const auto append = [](Pairs& to, const std::optional<Pairs>& from) {
        if (from) {
            to.insert(to.end(), from->begin(), from->end());
        }
    };
    append(out.headers, reader.string_map("headers"));
    append(out.query, reader.string_map("query"));
    reader.finish();
    return out;
}

}  // namespace

std::map<std::string, HttpConnection, std::less<>> parse_connections(const json::value& document) {
    if (!document.is_object()) {
        throw Error{ErrorKind::invalid, "HTTP connections: not an object of names"};
    }
    std::map<std::string, HttpConnection, std::less<>> out;
    Problems problems;
    for (const auto& [key, value] : document.get_object()) {
        const std::string name{key};
        out[name] = read_connection(value, name, problems);
    }
    if (!problems.empty()) {
        throw Error{"HTTP connections", std::move(problems)};
    }
    return out;
}

}  // namespace kiln::tasks
