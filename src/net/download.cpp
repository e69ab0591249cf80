#include "net/download.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "net/transfer.hpp"
#include "net/url.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::net {

namespace {

constexpr int kLongestChain = 10;  ///< of redirects

/// The file being written: removed again unless it is kept.
class NewFile {
  public:
    explicit NewFile(const std::filesystem::path& path)
        : path_{path}, fd_{::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)} {
        if (fd_ < 0) {
            throw_errno(fmt::format("make '{}'", path.string()));
        }
    }

    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    ~NewFile() {
        if (fd_ >= 0) {
            ::close(fd_);
            ::unlink(path_.c_str());
        }
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto wrote = ::write(fd_, bytes.data(), bytes.size());
            if (wrote < 0 && errno != EINTR) {
                throw_errno(fmt::format("write '{}'", path_.string()));
            }
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(wrote, 0)));
        }
    }

    void keep() {
        if (::close(std::exchange(fd_, -1)) != 0) {
            const int err = errno;
            ::unlink(path_.c_str());
            throw Error::from_errno(err, fmt::format("write '{}'", path_.string()));
        }
    }

  private:
    std::filesystem::path path_;
    int fd_;
};

/// Where a redirect leads. @throws Error  invalid: to a place that the first URL may not lead to
Url redirected(const std::string& to, const Url& first) {
    const auto next = parse_url(to);
    if (const auto problem = fetch_problem(next)) {
        throw Error{
            ErrorKind::invalid, fmt::format("it redirects to {}: {}", next.shown(), *problem)};
    }
    if (next.loopback() && !first.loopback()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("it redirects to this machine itself, {}", next.shown())};
    }
    return next;
}

void too_long(const Download& what) {
    throw Error{ErrorKind::invalid, fmt::format("it is longer than {}", humanize(what.limit))};
}

void fetch(
    const Download& what,
    const Url& first,
    NewFile& file,
    Sha256& hash,
    const std::function<void(Bytes done, Bytes total)>& progress,
    const std::stop_token& stop,
    Deadline deadline
) {
    Bytes done;
    Get get;
    get.url = first;
    get.body = [&](std::string_view bytes) {
        done += Bytes{bytes.size()};
        if (done > what.limit) {
            too_long(what);
        }
        hash.update(bytes);
        file.write(bytes);
    };
    get.progress = [&](Bytes so_far, Bytes total) {
        if (total > what.limit) {
            too_long(what);
        }
        if (progress) {
            progress(so_far, total);
        }
    };
    for (int hop = 0; hop <= kLongestChain; ++hop) {
        get.with_credentials = get.url.same_origin(first);
        if (get.with_credentials) {
            get.url.user = first.user;
            get.url.password = first.password;
        }
        const auto answer = perform(get, stop, deadline);
        if (answer.status >= 200 && answer.status < 300) {
            return;
        }
        if (answer.redirect.empty()) {
            throw status_error(answer, get.url);
        }
        get.url = redirected(answer.redirect, first);
    }
    throw Error{ErrorKind::invalid, fmt::format("it redirects more than {} times", kLongestChain)};
}

std::string lower(std::string text) {
    for (auto& c : text) {
        c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

}  // namespace

void download(
    const Download& what,
    const std::filesystem::path& to,
    const std::function<void(Bytes done, Bytes total)>& progress,
    const std::stop_token& stop,
    Deadline deadline
) {
    const auto url = parse_url(what.url);
    try {
        if (const auto problem = fetch_problem(url)) {
            throw Error{ErrorKind::invalid, *problem};
        }
        NewFile file{to};
        Sha256 hash;
        fetch(what, url, file, hash, progress, stop, deadline);
        if (const auto got = hash.finish(); what.sha256 && got != lower(*what.sha256)) {
            throw Error{
                ErrorKind::invalid,
                fmt::format(
                    "its SHA-256 is {}, not {} as the request says", got, lower(*what.sha256)
                )};
        }
        file.keep();
    } catch (const Error& error) {
        throw error.while_(fmt::format("download {}", url.shown()));
    }
}

}  // namespace kiln::net
