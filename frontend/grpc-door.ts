import type { Settings } from './config/settings.ts';
import type { Clock } from './domain/clock.ts';
import type { DoorTls } from './domain/door-tls.ts';
import type { FeedbackPort } from './domain/feedback.ts';
import type { Meter } from './domain/meter.ts';
import { tlsAt } from './door-certificates.ts';
import { feedbackService } from './grpc/feedback.ts';
import { oipService, type OipServiceParts } from './grpc/oip/service.ts';
import { GrpcDoor } from './grpc/server.ts';
import { modelService } from './grpc/tfs/model-service.ts';
import { predictionService } from './grpc/tfs/prediction-service.ts';
import type { ModelConfigs } from './lifecycle/model-configs.ts';

export interface GrpcDoorParts extends OipServiceParts {
  readonly settings: Pick<Settings, 'listen' | 'limits'>;
  /** Undefined: in the clear. */
  readonly tls: DoorTls | undefined;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly feedback: FeedbackPort;
  readonly configs: ModelConfigs;
  readonly onFault: (fault: unknown, where: string) => void;
}

/** The gRPC door with all of its services. In a file of its own, so that only a broker that has one loads gRPC's library: 55 ms of CPU at its start. */
export function grpcDoor(parts: GrpcDoorParts): GrpcDoor {
  const { settings: { listen, limits }, clock, ready, onFault } = parts;
  return new GrpcDoor({
    clock, limits: { messageBytes: limits.bodyBytes, openMessageBytes: limits.openBodyBytes, streams: limits.grpcStreams, connections: limits.connections, stallMs: limits.stallMs }, ...tlsAt(listen.grpc, parts.tls), ready, refused: parts.refused, meter: parts.meter, onFault,
    services: [
      oipService(parts), feedbackService({ port: parts.feedback, maxItems: limits.feedbackItems }),
      predictionService({ ...parts, maxBytes: limits.bodyBytes }), modelService(parts),
    ],
  });
}
