#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace kiln::images {

enum class Compression { none, gzip, xz, zstd };

/// Compresses a stream. The same bytes give the same bytes: no time and no name go into it.
/// To be used by the thread that made it, and not moved.
class Compressor {
  public:
    using Write = std::function<void(std::string_view)>;
    Compressor(Compression compression, Write write);
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    ~Compressor();

    /// @throws  what `write` threw
    void feed(std::string_view bytes);
    /// Writes what is left. To be called once, at the end.
    void finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kiln::images
