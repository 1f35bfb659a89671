using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Torch;
using Fovea.Torch.Tests;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Data.Loading;

[LeakCheck]
public class DataLoaderTests
{
    private static readonly Preprocessing AsIs = new() { Mean = [0, 0, 0], Std = [1 / 255f, 1 / 255f, 1 / 255f], SizeMultiple = 8 };

    private static readonly Pipeline Everything = new(
        new RandomFlip(), new RandomAffine { Degrees = (-20, 20) }, new RandomCrop(new ImageSize(16, 16)), new ColourJitter { Brightness = (0.5, 1.5), Hue = (-0.2, 0.2) }, new RandomNoise());

    [Theory]
    [InlineData(ModelTask.Classification)]
    [InlineData(ModelTask.Detection)]
    [InlineData(ModelTask.Instance)]
    [InlineData(ModelTask.Semantic)]
    public void The_number_of_threads_changes_no_bit(ModelTask task)
    {
        List<string> Digest(int workers, int epoch)
        {
            var options = new LoaderOptions { BatchSize = 5, Shuffle = true, Seed = 7, Workers = workers, Prefetch = workers };
            return [.. Batches(new DataLoader(new MemoryDataset(43), task, AsIs, options, Everything).Epoch(epoch))];
        }

        var one = Digest(1, 0);
        Assert.Equal(9, one.Count);
        Assert.Equal(one, Digest(2, 0));
        Assert.Equal(one, Digest(4, 0));
        Assert.NotEqual(one, Digest(1, 1));
    }

    [Fact]
    public void An_epoch_goes_on_in_the_middle()
    {
        var loader = new DataLoader(new MemoryDataset(43), ModelTask.Detection, AsIs, new LoaderOptions { BatchSize = 4, Shuffle = true, Seed = 1 }, Everything);
        var whole = Batches(loader.Epoch(2)).ToList();
        Assert.Equal(whole.Skip(5), Batches(loader.Epoch(2, firstBatch: 5)));
        Assert.Empty(Batches(loader.Epoch(2, firstBatch: whole.Count)));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Epoch(2, firstBatch: whole.Count + 1));
    }

    [Theory]
    [InlineData(false, 11, 1)]
    [InlineData(true, 10, 4)]
    public void The_last_batch_is_short_or_dropped(bool dropLast, int batches, int last)
    {
        var loader = new DataLoader(new MemoryDataset(41), ModelTask.Classification, AsIs, new LoaderOptions { BatchSize = 4, DropLast = dropLast });
        Assert.Equal(batches, loader.BatchesPerEpoch);
        var counts = new List<int>();
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
                counts.Add(batch.Count);
        }

        Assert.Equal((batches, last), (counts.Count, counts[^1]));
    }

    [Fact]
    public void Without_shuffling_the_order_is_that_of_the_data_set_and_with_it_every_image_comes_once()
    {
        static List<string> Ids(LoaderOptions options, int epoch)
        {
            var ids = new List<string>();
            foreach (var batch in new DataLoader(new MemoryDataset(20), ModelTask.Classification, AsIs, options).Epoch(epoch))
            {
                using (batch)
                    ids.AddRange(batch.Origins.Select(static origin => origin.Id));
            }

            return ids;
        }

        var inOrder = Ids(new LoaderOptions { BatchSize = 6 }, 3);
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), inOrder);
        var shuffled = Ids(new LoaderOptions { BatchSize = 6, Shuffle = true }, 3);
        Assert.NotEqual(inOrder, shuffled);
        Assert.Equal(inOrder.Order(), shuffled.Order());
        Assert.NotEqual(shuffled, Ids(new LoaderOptions { BatchSize = 6, Shuffle = true }, 4));
        Assert.NotEqual(shuffled, Ids(new LoaderOptions { BatchSize = 6, Shuffle = true, Seed = 1 }, 3));
        Assert.Equal(inOrder.Order(), Ids(new LoaderOptions { BatchSize = 6, Shuffle = true, GroupByAspect = true }, 3).Order());
    }

    [Fact]
    public void Grouped_batches_hold_one_aspect_except_at_the_end()
    {
        var loader = new DataLoader(new MemoryDataset(64), ModelTask.Classification, AsIs with { SizeMultiple = 1 }, new LoaderOptions { BatchSize = 4, Shuffle = true, GroupByAspect = true });
        Assert.Equal(16, loader.BatchesPerEpoch);
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
                Assert.Single(batch.Origins.Select(static origin => origin.OriginalSize).Distinct());
        }
    }

    [Fact]
    public void Pictures_and_targets_are_those_of_the_data_set()
    {
        var dataset = new MemoryDataset(6);
        using var batch = Single(new DataLoader(dataset, ModelTask.Instance, AsIs, new LoaderOptions { BatchSize = 6 }));
        // The greatest height is 30, the greatest width 36; rounded up to multiples of 8.
        Assert.Equal([6, 3, 32, 40], batch.Images.Shape);
        var values = batch.Images.ToArray<float>();
        for (var i = 0; i < 6; i++)
        {
            var image = dataset.LoadImage(i);
            for (var channel = 0; channel < 3; channel++)
            {
                for (var y = 0; y < 32; y++)
                {
                    for (var x = 0; x < 40; x++)
                    {
                        var expected = y < image.Height && x < image.Width ? image.Data[(y * image.Width + x) * 3 + channel] : 0f;
                        Assert.Equal(expected, values[((i * 3 + channel) * 32 + y) * 40 + x], 1e-4f);
                    }
                }
            }

            var target = batch.Targets![i];
            var objects = dataset[i].Annotation.Instances!.Where(static item => !item.IsCrowd).ToList();
            Assert.Equal([objects.Count, 4], target.Boxes.Shape);
            Assert.Equal([objects.Count, image.Height, image.Width], target.Masks!.Shape);
            Assert.Equal(objects.Select(static item => (long)item.Label), target.Labels.ToArray<long>());
            Assert.Equal(objects.SelectMany(static item => new[] { item.Box.X1, item.Box.Y1, item.Box.X2, item.Box.Y2 }), target.Boxes.ToArray<float>());
            Assert.Equal(objects.SelectMany(static item => item.Mask!.ToBitmap()), target.Masks.ToArray<byte>());
            Assert.Equal(new ImageOrigin($"pictures/{i}.png", $"{i}", image.Size, image.Size), batch.Origins[i]);
            Assert.Equal($"{i}", batch.Samples[i].Id);
        }
    }

    [Fact]
    public void Label_maps_are_padded_with_ignore()
    {
        using var batch = Single(new DataLoader(new MemoryDataset(4), ModelTask.Semantic, AsIs, new LoaderOptions { BatchSize = 4 }));
        Assert.Equal([4, 32, 40], batch.Maps!.Shape);
        var values = batch.Maps.ToArray<long>();
        for (var i = 0; i < values.Length; i++)
        {
            var (image, y, x) = (i / 1280, i / 40 % 32, i % 40);
            var size = MemoryDataset.Sizes[image];
            Assert.Equal(y < size.Height && x < size.Width ? image % 3 : 255, values[i]);
        }
    }

    [Fact]
    public void Channels_last_changes_the_memory_and_not_the_values()
    {
        static Batch Load(bool channelsLast) => Single(new DataLoader(
            new MemoryDataset(4), ModelTask.Classification, new Preprocessing(), new LoaderOptions { BatchSize = 4, ChannelsLast = channelsLast }));
        using var planar = Load(false);
        using var interleaved = Load(true);
        Assert.True(interleaved.Images.IsContiguous(MemoryFormat.ChannelsLast));
        Assert.False(interleaved.Images.IsContiguous());
        Assert.Equal(planar.Images.ToArray<float>(), interleaved.Images.ToArray<float>());
        Assert.Equal([0, 1, 2, 0], planar.Labels!.ToArray<long>());
    }

    [Fact]
    public void A_broken_image_is_an_error_on_the_consumers_thread_that_names_it()
    {
        var dataset = new MemoryDataset(40) { Fault = new DataException("pictures/13.png", null, "200 bytes", "512") };
        dataset.Broken.Add(13);
        var seen = 0;
        var error = Assert.Throws<DataException>(() =>
        {
            foreach (var batch in new DataLoader(dataset, ModelTask.Classification, AsIs, new LoaderOptions { BatchSize = 4 }).Epoch(0))
            {
                using (batch)
                    seen++;
            }
        });
        Assert.Equal("pictures/13.png: found 200 bytes, expected 512", error.Message);
        Assert.Equal(3, seen);
    }

    [Fact]
    public void An_unforeseen_exception_is_inside_an_error_that_names_the_image()
    {
        var dataset = new MemoryDataset(4) { Fault = new InvalidOperationException("odd") };
        dataset.Broken.Add(2);
        var loader = new DataLoader(dataset, ModelTask.Classification, AsIs, new LoaderOptions { BatchSize = 4, Broken = BrokenImages.Replace });
        var error = Assert.Throws<FoveaException>(() => Batches(loader.Epoch(0)).Count());
        Assert.Equal("pictures/2.png: odd", error.Message);
        Assert.Same(dataset.Fault, error.InnerException);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Broken_images_are_replaced_by_the_next_whole_one_and_counted(int workers)
    {
        var dataset = new MemoryDataset(10);
        dataset.Broken.UnionWith([3, 4, 9]);
        var loader = new DataLoader(dataset, ModelTask.Classification, AsIs, new LoaderOptions { BatchSize = 5, Broken = BrokenImages.Replace, Workers = workers });
        for (var epoch = 0; epoch < 2; epoch++)
        {
            var ids = new List<string>();
            foreach (var batch in loader.Epoch(epoch))
            {
                using (batch)
                    ids.AddRange(batch.Origins.Select(static origin => origin.Id));
            }

            Assert.Equal(["0", "1", "2", "5", "5", "5", "6", "7", "8", "0"], ids);
        }

        Assert.Equal(["pictures/3.png", "pictures/4.png", "pictures/9.png"], loader.Skipped.Select(static skipped => skipped.Path));
        Assert.Contains("expected something", loader.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_images_are_left_out_and_a_batch_without_any_image_too()
    {
        var dataset = new MemoryDataset(9);
        dataset.Broken.UnionWith([1, 3, 4, 5]);
        var loader = new DataLoader(dataset, ModelTask.Classification, AsIs, new LoaderOptions { BatchSize = 3, Broken = BrokenImages.LeaveOut });
        var counts = new List<int>();
        var epoch = loader.Epoch(0);
        foreach (var batch in epoch)
        {
            using (batch)
                counts.Add(batch.Count);
        }

        Assert.Equal([2, 3], counts);
        Assert.Equal(5, epoch.Report.Images);
        Assert.Equal(4, loader.Skipped.Count);
    }

    [Fact]
    public void A_data_set_of_broken_images_only_says_so()
    {
        var dataset = new MemoryDataset(3);
        dataset.Broken.UnionWith([0, 1, 2]);
        var loader = new DataLoader(dataset, ModelTask.Classification, AsIs, new LoaderOptions { Broken = BrokenImages.Replace });
        Assert.Contains("no whole image among 3", Assert.Throws<FoveaException>(() => Batches(loader.Epoch(0)).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_abandoned_epoch_frees_its_tensors_and_stops_reading()
    {
        var dataset = new MemoryDataset(1000);
        var loader = new DataLoader(dataset, ModelTask.Instance, AsIs, new LoaderOptions { BatchSize = 4, Workers = 3, Prefetch = 5 });
        var live = TorchRuntime.LiveTensors;
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
                Thread.Sleep(20);
            break;
        }

        Assert.Equal(live, TorchRuntime.LiveTensors);
        var loads = dataset.Loads;
        Thread.Sleep(30);
        Assert.Equal(loads, dataset.Loads);
        // Handed out, ready or in the making: no more than the bound allows.
        Assert.InRange(loads, 4, 4 * (1 + 5));
    }

    [Fact]
    public void Cancelling_ends_an_epoch()
    {
        using var source = new CancellationTokenSource();
        var seen = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var batch in new DataLoader(new MemoryDataset(1000), ModelTask.Detection, AsIs, new LoaderOptions { BatchSize = 2 }).Epoch(0, cancellation: source.Token))
            {
                using (batch)
                    seen++;
                if (seen == 3)
                    source.Cancel();
            }
        });
        Assert.Equal(3, seen);
    }

    [Fact]
    public void Waiting_for_data_is_measured()
    {
        static double WaitShare(int consumerMilliseconds)
        {
            var epoch = new DataLoader(new MemoryDataset(24), ModelTask.Detection, AsIs, new LoaderOptions { BatchSize = 4, Workers = 1 },
                new Pipeline(new Slow(5))).Epoch(0);
            foreach (var batch in epoch)
            {
                using (batch)
                    Thread.Sleep(consumerMilliseconds);
            }

            Assert.Equal(24, epoch.Report.Images);
            return epoch.Report.WaitShare;
        }

        // A batch takes 20 ms to make: nearly all is waiting when it takes nothing to consume, little when it takes longer.
        Assert.InRange(WaitShare(0), 0.8, 1);
        Assert.InRange(WaitShare(60), 0, 0.4);
    }

    [Fact]
    public void Objects_pushed_out_of_their_pictures_are_counted()
    {
        // The objects of images 1, 2, 4 and 5 begin at row 4; a window above them holds none.
        var epoch = new DataLoader(new MemoryDataset(6), ModelTask.Detection, AsIs, null, new Pipeline(new TopRows(3))).Epoch(0);
        foreach (var batch in epoch)
        {
            using (batch)
                Assert.All(batch.Targets!, static target => Assert.Equal([0, 4], target.Boxes.Shape));
        }

        Assert.Equal(6, epoch.Report.DroppedObjects);
    }

    [Theory]
    [InlineData(ModelTask.Classification, "a class for the image")]
    [InlineData(ModelTask.Detection, "a list of objects")]
    [InlineData(ModelTask.Semantic, "a class for every pixel")]
    [InlineData(ModelTask.Instance, "a mask for every object")]
    public void A_sample_without_what_the_task_needs_is_named(ModelTask task, string expected)
    {
        var dataset = new MemoryDataset(2)
        {
            Change = sample => sample with { Annotation = task == ModelTask.Instance ? new Annotation { Instances = [new Instance(0, new Box(0, 0, 2, 2))] } : new Annotation() },
        };
        var error = Assert.Throws<DataException>(() => Batches(new DataLoader(dataset, task, AsIs).Epoch(0)).Count());
        Assert.StartsWith("pictures/0.png", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused_and_an_epoch_is_enumerated_once()
    {
        Assert.Throws<FoveaException>(() => new DataLoader(new MemoryDataset(1), ModelTask.Detection, AsIs, new LoaderOptions { BatchSize = 0 }));
        Assert.Throws<FoveaException>(() => new DataLoader(new MemoryDataset(1), ModelTask.Detection, AsIs, new LoaderOptions { Workers = -1 }));
        var epoch = new DataLoader(new MemoryDataset(1), ModelTask.Detection, AsIs).Epoch(0);
        Assert.Single(Batches(epoch));
        Assert.Throws<InvalidOperationException>(() => Batches(epoch).Count());
    }

    [Fact]
    public void Mirrored_keypoints_are_found_by_name()
    {
        Assert.Equal([0, 2, 1, 3], KeypointMirror.Of(new KeypointLayout(["nose", "left_eye", "right_eye", "tail"], []))!);
        Assert.Equal([1, 0], KeypointMirror.Of(new KeypointLayout(["LeftArm", "RightArm"], []))!);
        Assert.Null(KeypointMirror.Of(new KeypointLayout(["nose", "left_eye"], [])));
        Assert.Null(KeypointMirror.Of(null));
    }

    private static Batch Single(DataLoader loader) => loader.Epoch(0).Single();

    private static IEnumerable<string> Batches(LoaderEpoch epoch)
    {
        foreach (var batch in epoch)
        {
            using (batch)
            {
                Tensor?[] tensors = [batch.Images, batch.Labels, batch.Maps, .. (batch.Targets ?? []).SelectMany(static target => new[] { target.Boxes, target.Labels, target.Masks })];
                var bytes = tensors.OfType<Tensor>().SelectMany(static tensor => tensor.ToBytes()).ToArray();
                yield return $"{string.Join(' ', batch.Origins)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))}";
            }
        }
    }

    private sealed class Slow(int milliseconds) : IAugmentation
    {
        public ITransform Sample(Scene scene, RandomStream random)
        {
            Thread.Sleep(milliseconds);
            return Sequence.Nothing;
        }
    }

    private sealed class TopRows(int rows) : IAugmentation
    {
        public ITransform Sample(Scene scene, RandomStream random) => new Crop(scene.Image.Size, 0, 0, scene.Image.Size with { Height = rows });
    }
}
