using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

internal static class LayerCases
{
    public static readonly IReadOnlyList<LayerCase> All =
    [
        new("Linear(5, 3)", () => new Linear(5, 3), [4, 2, 5]),
        new("Linear(5, 3, bias=False)", () => new Linear(5, 3, hasBias: false), [4, 5]),
        new("Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2)", () => new Conv1d(4, 6, 3, 2, 1, 2, 2), [2, 4, 11]),
        new("Conv2d(4, 6, 3, stride=2, padding=1)", () => new Conv2d(4, 6, 3, 2, 1), [2, 4, 9, 8]),
        new("Conv2d(4, 6, (1, 7), stride=(2, 1), padding=(0, 3), bias=False)", () => new Conv2d(4, 6, (1, 7), (2, 1), (0, 3), hasBias: false), [2, 4, 9, 8]),
        new("Conv2d(4, 8, 3, padding=2, dilation=2, groups=4)", () => new Conv2d(4, 8, 3, padding: 2, dilation: 2, groups: 4), [2, 4, 9, 8]),
        new("Conv3d(2, 4, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))", () => new Conv3d(2, 4, (1, 3, 3), (1, 2, 2), (0, 1, 1)), [2, 2, 4, 6, 5]),
        new("ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)",
            () => new ConvTranspose1d(4, 6, 3, 2, 1, 1, 2), [2, 4, 5]),
        new("ConvTranspose2d(4, 6, 4, stride=2, padding=1, bias=False)", () => new ConvTranspose2d(4, 6, 4, 2, 1, hasBias: false), [2, 4, 5, 4]),
        new("ConvTranspose2d(4, 6, 2, stride=2)", () => new ConvTranspose2d(4, 6, 2, 2), [2, 4, 5, 4]),
        new("ConvTranspose2d(4, 3, 3, stride=3, bias=False)", () => new ConvTranspose2d(4, 3, 3, 3, hasBias: false), [2, 4, 5, 4]),
        new("ConvTranspose2d(4, 6, (3, 2), stride=(3, 2), output_padding=(1, 0), groups=2, dilation=2)",
            () => new ConvTranspose2d(4, 6, (3, 2), (3, 2), outputPadding: (1, 0), groups: 2, dilation: 2), [2, 4, 5, 4]),
        new("ConvTranspose3d(2, 4, 2, stride=2, output_padding=(0, 1, 1))", () => new ConvTranspose3d(2, 4, 2, 2, outputPadding: (0, 1, 1)), [2, 2, 2, 3, 2]),

        new("MaxPool1d(3, stride=2, padding=1)", () => new MaxPool1d(3, 2, 1), [2, 3, 10]),
        new("MaxPool2d(3, stride=2)", () => new MaxPool2d(3, 2), [2, 3, 10, 9]),
        new("MaxPool2d(3, stride=2, ceil_mode=True)", () => new MaxPool2d(3, 2, ceilMode: true), [2, 3, 10, 9]),
        new("MaxPool2d((2, 3), dilation=2)", () => new MaxPool2d((2, 3), dilation: 2), [2, 3, 10, 9]),
        new("MaxPool3d((1, 2, 2))", () => new MaxPool3d((1, 2, 2)), [2, 3, 4, 6, 5]),
        new("MaxPool1d(2, return_indices=True)", () => new MaxPool1d(2), [2, 3, 10]) { Run = Indices, PythonRun = "m(x)[1]" },
        new("MaxPool2d(3, stride=2, padding=1, return_indices=True)", () => new MaxPool2d(3, 2, 1), [2, 3, 10, 9]) { Run = Indices, PythonRun = "m(x)[1]" },
        new("MaxPool3d(2, return_indices=True)", () => new MaxPool3d(2), [2, 3, 4, 6, 5]) { Run = Indices, PythonRun = "m(x)[1]" },
        new("MaxUnpool1d(2)", () => new MaxUnpool1d(2), [2, 3, 10])
        {
            Run = (m, x) => Unpooled(new MaxPool1d(2), x, (p, i) => ((MaxUnpool)m).Forward(p, i)), PythonRun = "m(*F.max_pool1d(x, 2, return_indices=True))",
        },
        new("MaxUnpool2d(2)", () => new MaxUnpool2d(2), [2, 3, 9, 7])
        {
            Run = (m, x) => Unpooled(new MaxPool2d(2), x, (p, i) => ((MaxUnpool)m).Forward(p, i, (9, 7))),
            PythonRun = "m(*F.max_pool2d(x, 2, return_indices=True), output_size=(9, 7))",
        },
        new("MaxUnpool3d((1, 2, 2))", () => new MaxUnpool3d((1, 2, 2)), [2, 3, 4, 6, 4])
        {
            Run = (m, x) => Unpooled(new MaxPool3d((1, 2, 2)), x, (p, i) => ((MaxUnpool)m).Forward(p, i)),
            PythonRun = "m(*F.max_pool3d(x, (1, 2, 2), return_indices=True))",
        },
        new("AvgPool1d(3, stride=2, padding=1, ceil_mode=True)", () => new AvgPool1d(3, 2, 1, true), [2, 3, 10]),
        new("AvgPool2d(3, stride=1, padding=1)", () => new AvgPool2d(3, 1, 1), [2, 3, 6, 5]),
        new("AvgPool2d((3, 2), padding=1, ceil_mode=True, count_include_pad=False)",
            () => new AvgPool2d((3, 2), padding: 1, ceilMode: true, countIncludePad: false), [2, 3, 6, 5]),
        new("AvgPool3d(2)", () => new AvgPool3d(2), [2, 3, 4, 6, 5]),
        new("AdaptiveAvgPool1d(3)", () => new AdaptiveAvgPool1d(3), [2, 3, 10]),
        new("AdaptiveAvgPool2d((3, 1))", () => new AdaptiveAvgPool2d((3, 1)), [2, 3, 10, 7]),
        new("AdaptiveAvgPool3d(2)", () => new AdaptiveAvgPool3d(2), [2, 3, 4, 5, 3]),
        new("AdaptiveMaxPool1d(3)", () => new AdaptiveMaxPool1d(3), [2, 3, 10]),
        new("AdaptiveMaxPool2d((3, 1))", () => new AdaptiveMaxPool2d((3, 1)), [2, 3, 10, 7]),
        new("AdaptiveMaxPool3d(2)", () => new AdaptiveMaxPool3d(2), [2, 3, 4, 5, 3]),

        new("BatchNorm1d(5)", () => new BatchNorm1d(5), [6, 5]),
        new("BatchNorm1d(5, eps=1e-3, momentum=0.3)", () => new BatchNorm1d(5, 1e-3, 0.3), [6, 5, 4]) { Evaluates = true },
        new("BatchNorm2d(5)", () => new BatchNorm2d(5), [3, 5, 4, 3]),
        new("BatchNorm2d(5, eps=1e-2)", () => new BatchNorm2d(5, 1e-2), [3, 5, 4, 3]) { Evaluates = true },
        new("BatchNorm2d(5, momentum=None)", () => new BatchNorm2d(5, momentum: null), [3, 5, 4, 3]) { Evaluates = true },
        new("BatchNorm2d(5, affine=False)", () => new BatchNorm2d(5, affine: false), [3, 5, 4, 3]),
        new("BatchNorm2d(5, track_running_stats=False)", () => new BatchNorm2d(5, trackRunningStats: false), [3, 5, 4, 3]) { Evaluates = true },
        new("BatchNorm3d(5)", () => new BatchNorm3d(5), [2, 5, 2, 4, 3]),
        new("torchvision.ops.FrozenBatchNorm2d(5)", () => new FrozenBatchNorm2d(5), [3, 5, 4, 3]),
        new("torchvision.ops.FrozenBatchNorm2d(5, eps=0.1)", () => new FrozenBatchNorm2d(5, 0.1), [3, 5, 4, 3]),
        new("InstanceNorm1d(5)", () => new InstanceNorm1d(5), [3, 5, 7]),
        new("InstanceNorm2d(5, affine=True)", () => new InstanceNorm2d(5, affine: true), [3, 5, 4, 3]),
        new("InstanceNorm2d(5, affine=True, track_running_stats=True)", () => new InstanceNorm2d(5, affine: true, trackRunningStats: true), [3, 5, 4, 3]) { Evaluates = true },
        new("InstanceNorm3d(5, eps=1e-3)", () => new InstanceNorm3d(5, 1e-3), [3, 5, 2, 4, 3]),
        new("LayerNorm((4, 3))", () => new LayerNorm([4, 3]), [3, 5, 4, 3]),
        new("LayerNorm(3, eps=1e-2, elementwise_affine=False)", () => new LayerNorm([3], 1e-2, false), [3, 5, 4, 3]),
        new("GroupNorm(2, 6)", () => new GroupNorm(2, 6), [3, 6, 4, 3]),
        new("GroupNorm(6, 6, affine=False)", () => new GroupNorm(6, 6, affine: false), [3, 6, 4]),
        new("LocalResponseNorm(5, alpha=0.5, beta=0.6, k=2)", () => new LocalResponseNorm(5, 0.5, 0.6, 2), [3, 7, 4, 3]),
        new("LocalResponseNorm(4, alpha=0.5)", () => new LocalResponseNorm(4, 0.5), [3, 7, 4]),
        new("LocalResponseNorm(3, alpha=0.5)", () => new LocalResponseNorm(3, 0.5), [3, 7, 2, 4, 3]),

        new("Dropout(0.3)", () => new Dropout(0.3), [6, 5]),
        new("Dropout(0.3)", () => new Dropout(0.3), [6, 5]) { Evaluates = true },
        new("Dropout2d(0.4)", () => new Dropout2d(0.4), [4, 5, 3, 2]),
        new("torchvision.ops.DropBlock2d(0.3, 3)", () => new DropBlock2d(0.3, 3), [4, 5, 9, 8]),
        new("torchvision.ops.DropBlock2d(0.2, 7)", () => new DropBlock2d(0.2, 7), [4, 5, 5, 6]),
        new("torchvision.ops.DropBlock2d(0.3, 3)", () => new DropBlock2d(0.3, 3), [4, 5, 9, 8]) { Evaluates = true },
        new("Dropout3d(0.4)", () => new Dropout3d(0.4), [4, 5, 3, 2, 2]),
        new("Embedding(7, 4)", () => new Embedding(7, 4), [3, 5]) { Indices = 7 },
        new("Embedding(7, 4, padding_idx=2)", () => new Embedding(7, 4, 2), [3, 5]) { Indices = 7 },

        new("RNN(4, 3)", () => new RNN(4, 3), [5, 2, 4]) { Run = (m, x) => ((RNN)m).Forward(x).Output, PythonRun = "m(x)[0]" },
        new("RNN(4, 3, num_layers=2, nonlinearity='relu', bidirectional=True, batch_first=True)",
            () => new RNN(4, 3, 2, batchFirst: true, bidirectional: true, relu: true), [5, 2, 4]) { Run = (m, x) => ((RNN)m).Forward(x).State, PythonRun = "m(x)[1]" },
        new("GRU(4, 3, num_layers=2, dropout=0.3)", () => new GRU(4, 3, 2, dropout: 0.3), [5, 2, 4]) { Run = (m, x) => ((GRU)m).Forward(x).Output, PythonRun = "m(x)[0]" },
        new("GRU(4, 3, bias=False, bidirectional=True)", () => new GRU(4, 3, hasBias: false, bidirectional: true), [5, 2, 4])
        {
            Run = (m, x) => ((GRU)m).Forward(x, Tensor.Full([2, 2, 3], 0.5)).Output, PythonRun = "m(x, torch.full((2, 2, 3), 0.5))[0]",
        },
        new("LSTM(4, 3, num_layers=2, bidirectional=True)", () => new LSTM(4, 3, 2, bidirectional: true), [5, 2, 4])
        {
            Run = (m, x) => ((LSTM)m).Forward(x).Output, PythonRun = "m(x)[0]",
        },
        new("LSTM(4, 3, batch_first=True)", () => new LSTM(4, 3, batchFirst: true), [5, 2, 4])
        {
            Run = (m, x) => ((LSTM)m).Forward(x, (Tensor.Full([1, 5, 3], 0.5), Tensor.Full([1, 5, 3], -0.5))).Cell,
            PythonRun = "m(x, (torch.full((1, 5, 3), 0.5), torch.full((1, 5, 3), -0.5)))[1][1]",
        },

        new("Upsample(scale_factor=2)", () => Upsample.By(2.0), [2, 3, 5]),
        new("Upsample(scale_factor=2)", () => Upsample.By(2.0), [2, 3, 5, 4]),
        new("Upsample(size=(7, 9))", () => Upsample.ToSize((7, 9)), [2, 3, 5, 4]),
        new("Upsample(scale_factor=1.5)", () => Upsample.By(1.5), [2, 3, 5, 4, 3]),
        new("Upsample(size=9, mode='linear')", () => Upsample.ToSize(9, UpsampleMode.Linear), [2, 3, 5]),
        new("Upsample(scale_factor=2, mode='bilinear')", () => Upsample.By(2.0, UpsampleMode.Linear), [2, 3, 5, 4]),
        new("Upsample(scale_factor=1.7, mode='bilinear')", () => Upsample.By(1.7, UpsampleMode.Linear), [2, 3, 5, 4]),
        new("Upsample(size=(7, 9), mode='bilinear', align_corners=True)", () => Upsample.ToSize((7, 9), UpsampleMode.Linear, true), [2, 3, 5, 4]),
        new("Upsample(size=(4, 7, 9), mode='trilinear')", () => Upsample.ToSize((4, 7, 9), UpsampleMode.Linear), [2, 3, 2, 5, 4]),
        new("Upsample(scale_factor=2, mode='bicubic')", () => Upsample.By(2.0, UpsampleMode.Cubic), [2, 3, 5, 4]),

        new("ReLU()", () => new ReLU(), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.ReLU(inplace=True))", () => new Sequential(new Linear(5, 5), new ReLU(true)), [4, 5]),
        new("ReLU6()", () => new ReLU6(), [4, 5]),
        new("LeakyReLU(0.1)", () => new LeakyReLU(0.1), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.LeakyReLU(inplace=True))", () => new Sequential(new Linear(5, 5), new LeakyReLU(inPlace: true)), [4, 5]),
        new("PReLU()", () => new PReLU(), [4, 5]),
        new("PReLU(5, init=0.1)", () => new PReLU(5, 0.1), [4, 5, 3]),
        new("ELU(0.7)", () => new ELU(0.7), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.ELU(inplace=True))", () => new Sequential(new Linear(5, 5), new ELU(inPlace: true)), [4, 5]),
        new("SELU()", () => new SELU(), [4, 5]),
        new("GELU()", () => new GELU(), [4, 5]),
        new("GELU(approximate='tanh')", () => new GELU(true), [4, 5]),
        new("SiLU()", () => new SiLU(), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.SiLU(inplace=True))", () => new Sequential(new Linear(5, 5), new SiLU(true)), [4, 5]),
        new("Mish()", () => new Mish(), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.Mish(inplace=True))", () => new Sequential(new Linear(5, 5), new Mish(true)), [4, 5]),
        new("Hardswish()", () => new Hardswish(), [4, 5]),
        new("Sequential(nn.Linear(5, 5), nn.Hardswish(inplace=True))", () => new Sequential(new Linear(5, 5), new Hardswish(true)), [4, 5]),
        new("Hardsigmoid()", () => new Hardsigmoid(), [4, 5]),
        new("Hardtanh(-0.5, 0.3)", () => new Hardtanh(-0.5, 0.3), [4, 5]),
        new("Sigmoid()", () => new Sigmoid(), [4, 5]),
        new("Tanh()", () => new Tanh(), [4, 5]),
        new("Softplus(2, 1)", () => new Softplus(2, 1), [4, 5]),
        new("LogSigmoid()", () => new LogSigmoid(), [4, 5]),
        new("Softmax(1)", () => new Softmax(1), [4, 5, 3]),
        new("LogSoftmax(-1)", () => new LogSoftmax(-1), [4, 5, 3]),

        new("Identity()", () => new Identity(), [4, 5]),
        new("Flatten()", () => new Flatten(), [2, 3, 4, 5]),
        new("Flatten(2, 3)", () => new Flatten(2, 3), [2, 3, 4, 5, 2]),
        new("Unflatten(1, (2, 3))", () => new Unflatten(1, [2, 3]), [2, 6, 4]),
        new("PixelShuffle(2)", () => new PixelShuffle(2), [2, 8, 3, 4]),
        new("Sequential(OrderedDict(first=nn.Conv2d(2, 4, 1), inner=nn.Sequential(nn.BatchNorm2d(4), nn.ReLU())))",
            () => new Sequential([KeyValuePair.Create<string, Layer>("first", new Conv2d(2, 4, 1)),
                KeyValuePair.Create<string, Layer>("inner", new Sequential(new BatchNorm2d(4), new ReLU()))]), [2, 2, 3, 3]),
    ];

    private static Tensor Indices(Module module, Tensor input) => ((MaxPool)module).ForwardWithIndices(input).Indices;

    private static Tensor Unpooled(MaxPool pool, Tensor input, Func<Tensor, Tensor, Tensor> unpool)
    {
        var (output, indices) = pool.ForwardWithIndices(input);
        return unpool(output, indices);
    }
}
