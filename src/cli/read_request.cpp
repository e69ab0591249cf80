#include "cli/read_request.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "os/fd.hpp"

#include <charconv>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::cli {

std::string read_text(const std::string& file) {
    if (file != "-") {
        return os::read_file(file, 16U << 20);
    }
    const os::Fd input{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)};
    if (!input) {
        throw_errno("read stdin");
    }
    return os::read_all(input, 16U << 20);
}

std::string read_request(const std::string& file) {
    try {
        return read_text(file);
    } catch (const Error& error) {
        // `kiln bake lst` is more likely a slip of a command than of a file.
        const std::vector<std::string> commands{
            "list", "show", "logs", "cancel", "retry", "shell", "submit", "verify"};
        const bool word = file.find_first_of("./") == std::string::npos;
        if (error.kind() == ErrorKind::not_found && word) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("'{}' is neither a request file nor a command of kiln bake", file) +
                    did_you_mean(file, commands)}
                .hint("kiln bake --help");
        }
        throw;
    }
}

std::size_t concurrency_of(const Arguments& arguments, std::size_t otherwise) {
    const auto given = arguments.one("concurrency");
    if (!given) {
        return otherwise;
    }
    std::size_t number = 0;
    const auto* end = given->data() + given->size();
    const auto [stop, error] = std::from_chars(given->data(), end, number);
    if (error != std::errc{} || stop != end || number == 0) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("--concurrency: '{}' is not a number from 1 up", *given)};
    }
    return number;
}

}  // namespace kiln::cli
