// A request whose signature is to be checked: whatever comes, the verdict is one, it names no
// secret, and only a holder of the key is let in.

#include "api/aws_authenticator.hpp"
#include "api/aws_router.hpp"
#include "ports/clock.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct FixedClock final : ports::Clock {
    [[nodiscard]] TimePoint now() const override { return parse_time("2015-08-30T12:36:00Z"); }
};

/// A first line of method and target, header lines, an empty line, the body.
net::Request request_of(std::string_view text) {
    const auto take_line = [&] {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        return line;
    };
    net::Request request;
    const auto first = take_line();
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(std::min(first.find(' ') + 1, first.size()));
    while (!text.empty()) {
        const auto line = take_line();
        if (line.empty()) {
            break;
        }
        const auto colon = std::min(line.find(':'), line.size());
        request.headers.add(
            std::string{line.substr(0, colon)},
            std::string{line.substr(std::min(colon + 1, line.size()))}
        );
    }
    request.body = text;
    return request;
}

}  // namespace

void run(const std::string& input) {
    static const FixedClock clock;
    static const api::AwsAuthenticator authenticator{
        {{"AKIDEXAMPLE", std::string{kSecret}, ""}}, "us-east-1", clock};
    const auto request = request_of(input);
    (void)api::AwsRouter::is_aws(request);
    const auto verdict = authenticator.check(request, "service");
    if (const auto* const failure = std::get_if<api::AuthFailure>(&verdict)) {
        KILN_CHECK(!failure->message.empty());
        KILN_CHECK(failure->message.find(kSecret) == std::string::npos);
        KILN_CHECK(api::names_of(failure->code).status >= 400);
    } else {
        KILN_CHECK(std::get<api::AwsAuthenticator::Caller>(verdict).access_key_id == "AKIDEXAMPLE");
    }
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "Authorization:",
        "AWS4-HMAC-SHA256 ",
        "Credential=",
        "SignedHeaders=",
        "Signature=",
        "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request",
        "X-Amz-Date:20150830T123600Z\n",
        "X-Amz-Security-Token:",
        "X-Amz-Content-Sha256:",
        "UNSIGNED-PAYLOAD",
        "host;x-amz-date",
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "&X-Amz-Credential=",
        "&X-Amz-Date=20150830T123600Z",
        "&X-Amz-Expires=",
        "&X-Amz-SignedHeaders=host",
        "&X-Amz-Signature=",
        "%2F",
        "%",
        "%zz",
        "/../",
        "//",
        ", ",
        ";",
        "99999999999999999999",
        "-1",
        "\n",
        "\r\n ",
        "Date: Sun, 30 Aug 2015 12:36:00 GMT\n",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
