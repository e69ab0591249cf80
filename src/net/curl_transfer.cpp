#include "net/curl_transfer.hpp"

#include <algorithm>
#include <cstdlib>

namespace kiln::net {

namespace {

bool is_distrust(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR;
}

ErrorKind kind_of(CURLcode code) {
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ErrorKind::timed_out;
    }
    if (is_distrust(code) || code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED) {
        return ErrorKind::denied;
    }
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
        return ErrorKind::invalid;
    }
    return code == CURLE_OUT_OF_MEMORY ? ErrorKind::exhausted : ErrorKind::unavailable;
}

/// Takes the handle from the multi handle again, so that it can run another time.
class Added {
  public:
    Added(const CurlLibrary& curl, CURLM* multi, CURL* easy)
        : curl_{curl}, multi_{multi}, easy_{easy} {
        curl_.multi_add_handle(multi_, easy_);
    }

    Added(const Added&) = delete;
    Added& operator=(const Added&) = delete;

    ~Added() { curl_.multi_remove_handle(multi_, easy_); }

  private:
    const CurlLibrary& curl_;
    CURLM* multi_;
    CURL* easy_;
};

}  // namespace

NoSigpipe::NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
}

NoSigpipe::~NoSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 0) {
        constexpr timespec kNow{0, 0};
        while (::sigtimedwait(&pipe_, nullptr, &kNow) == SIGPIPE) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
}

CurlTransfer::CurlTransfer() : easy_{curl_.easy_init()}, multi_{curl_.multi_init()} {
    KILN_CHECK(easy_ != nullptr && multi_ != nullptr);
}

CurlTransfer::~CurlTransfer() {
    curl_.easy_cleanup(easy_);
    curl_.multi_cleanup(multi_);
}

void CurlTransfer::set_trust(const std::optional<std::filesystem::path>& authorities) {
    if (authorities) {
        set(CURLOPT_CAINFO, authorities->c_str());
        return;
    }
    // The names that the curl program and OpenSSL know; the library by itself heeds neither.
    for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        if (const char* file = std::getenv(name); file != nullptr && *file != '\0') {
            set(CURLOPT_CAINFO, file);
            break;
        }
    }
}

long CurlTransfer::status() const {
    long status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

CURLcode CurlTransfer::run_to_end(
    std::string_view what, const std::stop_token& stop, Deadline deadline
) {
    const Added added{curl_, multi_, easy_};
    const std::stop_callback wake{stop, [&] { curl_.multi_wakeup(multi_); }};
    for (int running = 1;;) {
        if (stop.stop_requested() || deadline.passed()) {
            // Protocols that say goodbye would wait for an answer to it.
            curl_.easy_setopt(easy_, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L);
        }
        if (stop.stop_requested()) {
            throw Error{ErrorKind::cancelled, fmt::format("{} was cancelled", what)};
        }
        if (deadline.passed()) {
            throw Error{ErrorKind::timed_out, fmt::format("the deadline passed during {}", what)};
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

void CurlTransfer::run(std::string_view what, const std::stop_token& stop, Deadline deadline) {
    const NoSigpipe no_sigpipe;
    said_.front() = '\0';
    set(CURLOPT_ERRORBUFFER, said_.data());
    const auto code = run_to_end(what, stop, deadline);
    if (code == CURLE_OK) {
        return;
    }
    Error error{kind_of(code), said_.front() != '\0' ? said_.data() : curl_.easy_strerror(code)};
    if (is_distrust(code)) {
        throw std::move(error).hint(
            "add the server's authority to the system's certificates, or name a file with it in "
            "CURL_CA_BUNDLE (which goes first) or SSL_CERT_FILE"
        );
    }
    throw error;
}

void CurlTransfer::reset() {
    curl_.easy_reset(easy_);
}

}  // namespace kiln::net
