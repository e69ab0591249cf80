#include "net/transfer.hpp"

#include "net/curl_transfer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::net {

namespace {

constexpr long kConnectSeconds = 30;
constexpr long kStallSeconds = 60;  ///< without a single byte

/// What libcurl's callbacks see.
struct State {
    const Get& get;
    const CurlTransfer& transfer;
    HeldFailure failure;
};

bool is_success(long status) {
    return status >= 200 && status < 300;
}

std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    const bool good = state.failure.guard([&] {
        if (is_success(state.transfer.status())) {
            state.get.body({bytes, one * count});
        }
    });
    return good ? one * count : 0;
}

int on_progress(void* self, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
    auto& state = *static_cast<State*>(self);
    const bool good = state.failure.guard([&] {
        if (state.get.progress && is_success(state.transfer.status())) {
            state.get.progress(
                Bytes{static_cast<std::uint64_t>(std::max<curl_off_t>(done, 0))},
                Bytes{static_cast<std::uint64_t>(std::max<curl_off_t>(total, 0))}
            );
        }
    });
    return good ? 0 : 1;
}

void configure(CurlTransfer& transfer, const Get& get, State& state) {
    const auto& url = get.url;
    transfer.set(CURLOPT_URL, url.target().c_str());
    transfer.set(CURLOPT_PROTOCOLS_STR, url.loopback() ? "http,https" : "https");
    transfer.set(CURLOPT_FOLLOWLOCATION, 0L);
    transfer.set(CURLOPT_NOSIGNAL, 1L);
    transfer.set(CURLOPT_USERAGENT, "kiln");
    transfer.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    transfer.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    transfer.set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    if (url.loopback()) {
        transfer.set(CURLOPT_NOPROXY, "*");
    }
    if (get.with_credentials && !(url.user.empty() && url.password.empty())) {
        transfer.set(CURLOPT_USERNAME, percent_decoded(url.user).c_str());
        transfer.set(CURLOPT_PASSWORD, percent_decoded(url.password).c_str());
    }
    transfer.set_trust(std::nullopt);
    transfer.set(CURLOPT_WRITEFUNCTION, &on_body);
    transfer.set(CURLOPT_WRITEDATA, &state);
    transfer.set(CURLOPT_NOPROGRESS, 0L);
    transfer.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    transfer.set(CURLOPT_XFERINFODATA, &state);
}

Answer answer_of(const CurlTransfer& transfer) {
    const auto& curl = CurlLibrary::get();
    auto* easy = transfer.easy();
    Answer answer;
    answer.status = transfer.status();
    const char* redirect = nullptr;
    curl.easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
    answer.redirect = redirect != nullptr ? redirect : "";
    curl_off_t wait = 0;
    curl.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) {
        answer.retry_after = std::chrono::seconds{wait};
    }
    return answer;
}

}  // namespace

Answer perform(const Get& get, const std::stop_token& stop, Deadline deadline) {
    CurlTransfer transfer;
    State state{get, transfer, {}};
    configure(transfer, get, state);
    try {
        transfer.run("the download", stop, deadline);
    } catch (const Error&) {
        state.failure.rethrow();  // what made libcurl stop says more than that it did
        throw;
    }
    return answer_of(transfer);
}

Error status_error(const Answer& answer, const Url& url) {
    const auto status = answer.status;
    const auto kind = status == 401 || status == 403 || status == 407 ? ErrorKind::denied
                      : status == 404 || status == 410                ? ErrorKind::not_found
                      : status == 408 || status >= 500                ? ErrorKind::unavailable
                      : status == 429                                 ? ErrorKind::exhausted
                                                                      : ErrorKind::invalid;
    Error error{kind, fmt::format("{} answers {}", url.host, status)};
    if (answer.retry_after) {
        return std::move(error).retry_after(*answer.retry_after);
    }
    return error;
}

}  // namespace kiln::net
