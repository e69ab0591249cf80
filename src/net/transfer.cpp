#include "net/transfer.hpp"

#include "net/curl_library.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>

#include <fmt/format.h>

#include <signal.h>

// The header's macro would hide the loaded function of this name.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace kiln::net {

namespace {

constexpr long kConnectSeconds = 30;
constexpr long kStallSeconds = 60;  ///< without a single byte

/// What libcurl's callbacks see. An exception must not pass through C code: it waits in `failure`.
struct State {
    const Get& get;
    CURL* easy;
    std::exception_ptr failure;
};

bool is_success(long status) {
    return status >= 200 && status < 300;
}

long status_of(CURL* easy) {
    long status = 0;
    CurlLibrary::get().easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

template <class Action>
bool guarded(State& state, Action action) {
    try {
        action();
        return true;
    } catch (...) {  // the edge of C code
        state.failure = std::current_exception();
        return false;
    }
}

std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    const bool good = guarded(state, [&] {
        if (is_success(status_of(state.easy))) {
            state.get.body({bytes, one * count});
        }
    });
    return good ? one * count : 0;
}

int on_progress(void* self, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
    auto& state = *static_cast<State*>(self);
    const bool good = guarded(state, [&] {
        if (state.get.progress && is_success(status_of(state.easy))) {
            state.get.progress(
                Bytes{static_cast<std::uint64_t>(std::max<curl_off_t>(done, 0))},
                Bytes{static_cast<std::uint64_t>(std::max<curl_off_t>(total, 0))}
            );
        }
    });
    return good ? 0 : 1;
}

ErrorKind kind_of(CURLcode code) {
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ErrorKind::timed_out;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
        code == CURLE_SSL_ISSUER_ERROR) {
        return ErrorKind::denied;
    }
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
        return ErrorKind::invalid;
    }
    return code == CURLE_OUT_OF_MEMORY ? ErrorKind::exhausted : ErrorKind::unavailable;
}

/// Keeps SIGPIPE from this thread: a TLS library writes to closed connections with plain write(2).
class NoSigpipe {
  public:
    NoSigpipe() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }

    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;

    ~NoSigpipe() {
        if (sigismember(&before_, SIGPIPE) == 0) {
            constexpr timespec kNow{0, 0};
            while (::sigtimedwait(&pipe_, nullptr, &kNow) == SIGPIPE) {
            }
            ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        }
    }

  private:
    sigset_t pipe_;
    sigset_t before_;
};

/// One transfer's handles, freed together in libcurl's order.
class Handles {
  public:
    Handles() : easy_{curl_.easy_init()}, multi_{curl_.multi_init()} {
        KILN_CHECK(easy_ != nullptr && multi_ != nullptr);
    }

    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;

    ~Handles() {
        curl_.multi_remove_handle(multi_, easy_);
        curl_.easy_cleanup(easy_);
        curl_.multi_cleanup(multi_);
    }

    template <class Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl_.easy_setopt(easy_, option, value); code != CURLE_OK) {
            throw Error{
                ErrorKind::internal,
                fmt::format(
                    "libcurl refuses option {}: {}",
                    static_cast<int>(option),
                    curl_.easy_strerror(code)
                )};
        }
    }

    [[nodiscard]] CURL* easy() const { return easy_; }

    [[nodiscard]] CURLM* multi() const { return multi_; }

    /// Runs the transfer to its end. @returns libcurl's verdict
    CURLcode run(const std::stop_token& stop, Deadline deadline) {
        curl_.multi_add_handle(multi_, easy_);
        const std::stop_callback wake{stop, [&] { curl_.multi_wakeup(multi_); }};
        for (int running = 1;;) {
            if (stop.stop_requested()) {
                throw Error{ErrorKind::cancelled, "the download was cancelled"};
            }
            if (deadline.passed()) {
                throw Error{ErrorKind::timed_out, "the deadline passed during the download"};
            }
            curl_.multi_perform(multi_, &running);
            if (running == 0) {
                break;
            }
            constexpr int kTick = 1000;  // milliseconds; a stop wakes at once
            const int left = deadline.poll_timeout();
            curl_.multi_poll(multi_, nullptr, 0, left < 0 ? kTick : std::min(left, kTick), nullptr);
        }
        int waiting = 0;
        const auto* message = curl_.multi_info_read(multi_, &waiting);
        KILN_CHECK(message != nullptr && message->msg == CURLMSG_DONE);
        return message->data.result;
    }

  private:
    const CurlLibrary& curl_ = CurlLibrary::get();
    CURL* easy_;
    CURLM* multi_;
};

void configure(Handles& handles, const Get& get, State& state) {
    const auto& url = get.url;
    handles.set(CURLOPT_URL, url.target().c_str());
    handles.set(CURLOPT_PROTOCOLS_STR, url.loopback() ? "http,https" : "https");
    handles.set(CURLOPT_FOLLOWLOCATION, 0L);
    handles.set(CURLOPT_NOSIGNAL, 1L);
    handles.set(CURLOPT_USERAGENT, "kiln");
    handles.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    handles.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    handles.set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    if (url.loopback()) {
        handles.set(CURLOPT_NOPROXY, "*");
    }
    if (get.with_credentials && !(url.user.empty() && url.password.empty())) {
        handles.set(CURLOPT_USERNAME, percent_decoded(url.user).c_str());
        handles.set(CURLOPT_PASSWORD, percent_decoded(url.password).c_str());
    }
    // The names that the curl program and OpenSSL know; the library by itself heeds neither.
    for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        if (const char* file = std::getenv(name); file != nullptr && *file != '\0') {
            handles.set(CURLOPT_CAINFO, file);
            break;
        }
    }
    handles.set(CURLOPT_WRITEFUNCTION, &on_body);
    handles.set(CURLOPT_WRITEDATA, &state);
    handles.set(CURLOPT_NOPROGRESS, 0L);
    handles.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    handles.set(CURLOPT_XFERINFODATA, &state);
}

Answer answer_of(CURL* easy) {
    const auto& curl = CurlLibrary::get();
    Answer answer;
    answer.status = status_of(easy);
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
    const NoSigpipe no_sigpipe;
    Handles handles;
    State state{get, handles.easy(), nullptr};
    std::array<char, CURL_ERROR_SIZE> said{};
    configure(handles, get, state);
    handles.set(CURLOPT_ERRORBUFFER, said.data());
    const auto code = handles.run(stop, deadline);
    if (state.failure) {
        std::rethrow_exception(state.failure);
    }
    if (code != CURLE_OK) {
        Error error{
            kind_of(code), said[0] != '\0' ? said.data() : CurlLibrary::get().easy_strerror(code)};
        if (error.kind() == ErrorKind::denied) {
            throw std::move(error).hint(
                "add the server's authority to the system's certificates, or name a file with it "
                "in "
                "SSL_CERT_FILE"
            );
        }
        throw error;
    }
    return answer_of(handles.easy());
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
