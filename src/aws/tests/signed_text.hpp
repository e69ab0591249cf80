#pragma once

#include "aws/canonical_request.hpp"
#include "base/sha256.hpp"

#include <string>
#include <string_view>

namespace kiln::aws::testing {

/// A request written out as text, taken apart: what a test signs or checks.
struct RequestText {
    std::string method;
    std::string path;
    std::string query;
    Fields headers;
    std::string body;
    std::string payload_sha256;

    /// METHOD SP TARGET SP VERSION, header lines (a line that begins with a space goes on with the
    /// one before), an empty line, the body. The target may hold spaces.
    static RequestText parse(std::string_view text) {
        RequestText out;
        const auto line_end = text.find('\n');
        auto line = text.substr(0, line_end);
        line = line.substr(0, line.rfind(' '));
        out.method = line.substr(0, line.find(' '));
        const auto target = line.substr(std::min(line.find(' ') + 1, line.size()));
        const auto mark = std::min(target.find('?'), target.size());
        out.path = target.substr(0, mark);
        out.query = target.substr(std::min(mark + 1, target.size()));
        text.remove_prefix(std::min(line_end + 1, text.size()));
        while (!text.empty() && text.front() != '\n') {
            const auto end = std::min(text.find('\n'), text.size());
            out.add_header_line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        out.body = text.substr(std::min<std::size_t>(1, text.size()));
        out.payload_sha256 = sha256(out.body);
        return out;
    }

    [[nodiscard]] SignableRequest signable() const {
        return {method, path, query, headers, payload_sha256};
    }

    [[nodiscard]] std::string str() const {
        std::string text = method + ' ' + path + (query.empty() ? "" : "?") + query + " HTTP/1.1\n";
        for (const auto& [name, value] : headers) {
            text += name + ':' + value + '\n';
        }
        return text + '\n' + body;
    }

  private:
    void add_header_line(std::string_view line) {
        if (line.front() == ' ' && !headers.empty()) {
            headers.back().second += '\n' + std::string{line};
            return;
        }
        const auto colon = std::min(line.find(':'), line.size());
        headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
    }
};

}  // namespace kiln::aws::testing
