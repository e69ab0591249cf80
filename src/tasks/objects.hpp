#pragma once

#include "aws/s3_client.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

/// Where distributed Maps read and write: buckets of S3, and folders of this machine.
namespace kiln::tasks {

/// Why an object cannot be had, in AWS' words.
struct ObjectFailure {
    std::string cause;
};

/// Safe from several threads; calls block.
class Objects {
  public:
    virtual ~Objects() = default;
    // All of them: @throws ObjectFailure · Error  the way to it has failed

    /// @param version  "": the newest
    [[nodiscard]] virtual std::string get(
        const std::string& bucket, const std::string& key, const std::string& version
    ) = 0;
    /// All with that prefix, by key, until `visit` says false.
    virtual void list(
        const std::string& bucket,
        const std::string& prefix,
        const std::function<bool(const aws::S3Object&)>& visit
    ) = 0;
    virtual void put(
        const std::string& bucket, const std::string& key, const std::string& bytes
    ) = 0;
};

/// Buckets of S3. @param client  outlives it
class S3Objects final : public Objects {
  public:
    explicit S3Objects(aws::S3Client& client) : client_{client} {}

    [[nodiscard]] std::string get(
        const std::string& bucket, const std::string& key, const std::string& version
    ) override;
    void list(
        const std::string& bucket,
        const std::string& prefix,
        const std::function<bool(const aws::S3Object&)>& visit
    ) override;
    void put(const std::string& bucket, const std::string& key, const std::string& bytes) override;

    /// Ends what is under way, and what is asked from here on, with an Error: cancelled.
    void stop() { stop_.request_stop(); }

  private:
    aws::S3Client& client_;
    std::stop_source stop_;
};

/// Folders in place of buckets: `file:///srv/items` is the bucket, a key a path below it. No way
/// leads out of the folders that are allowed, by ".." or links.
class FolderObjects final : public Objects {
  public:
    /// @param allowed  folders; what is below them may be read and written
    explicit FolderObjects(std::vector<std::filesystem::path> allowed)
        : allowed_{std::move(allowed)} {}

    [[nodiscard]] std::string get(
        const std::string& bucket, const std::string& key, const std::string& version
    ) override;
    void list(
        const std::string& bucket,
        const std::string& prefix,
        const std::function<bool(const aws::S3Object&)>& visit
    ) override;
    void put(const std::string& bucket, const std::string& key, const std::string& bytes) override;

  private:
    [[nodiscard]] std::filesystem::path folder_of(const std::string& bucket) const;
    [[nodiscard]] std::filesystem::path file_of(const std::string& bucket, const std::string& key)
        const;

    std::vector<std::filesystem::path> allowed_;
};

/// "file://…"
[[nodiscard]] bool is_folder_bucket(const std::string& bucket) noexcept;

}  // namespace kiln::tasks
